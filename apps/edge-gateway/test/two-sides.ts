import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, makeLog, newNonce } from '@interlock/company-side';
import type { GatewayFrame, Standing } from '@interlock/contracts';
import type { Act, LocalId, OrganisationId, Provisioning, Signed, StatusList } from '@interlock/domain';
import { digestOf, digestOfActs, signed } from '@interlock/proof';
import { BUYER, type Company, type Holder, type Right } from '@interlock/testkit/builders';
import { pino } from 'pino';
import { cosignWatch } from '../src/evidence/cosign-watch.js';
import { type GatewayClock, gatewayClock } from '../src/gateway-clock.js';
import type { Provisioned } from '../src/provisioning.js';
import { firstHeld } from '../src/standing/first-held.js';
import { keepStanding, type StandingKeeper } from '../src/standing/keep-standing.js';
import { keptWords } from '../src/standing/kept-words.js';
import type { Bounds } from '../src/standing/room.js';

export const quiet: Log = makeLog('test', pino({ level: 'silent' }));

/** A folder of this test alone. */
export function aFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'interlock-gateway-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The gateway of the buyer's plant as its company provisioned it; a test names only what it changes. */
export function provisionedFor(right: Right, over: Partial<Provisioning> = {}): Provisioned {
  const { gateway, pins } = right.who;
  const document: Provisioning = {
    typ: 'provisioning',
    v: 1,
    organisation: BUYER,
    gateway: gateway.id,
    pins: [...pins].map(([organisation, root]) => ({ organisation, root })),
    targets: [],
    broker: { origin: 'http://127.0.0.1:9', ticketKey: gateway.signer.key },
    relays: [],
    regions: [],
    scrub: [],
    issuedAt: Date.now() - 60_000,
    ...over,
  };
  return {
    organisation: BUYER,
    gateway: gateway.id,
    pins,
    resources: ['press-7' as LocalId],
    purposes: gateway.certificate.document.purposes,
    document,
    key: gateway.key,
    signer: gateway.signer,
  };
}

export interface Kept {
  readonly keeper: StandingKeeper;
  readonly clock: GatewayClock;
  readonly sent: { readonly t: string; readonly nonce?: string }[];
  readonly changes: string[];
  readonly newActs: Signed<Act>[];
}

/** A keeper with a real clock on a real folder; what it would send to the broker is kept. */
export function aKeeper(self: Provisioned, folder: string, clock?: GatewayClock, bounds?: Bounds): Kept {
  const own = clock ?? gatewayClock(folder, self.document.issuedAt);
  const revoked = new Set<OrganisationId>();
  const [sent, changes, newActs]: [Kept['sent'], string[], Signed<Act>[]] = [[], [], []];
  const keeper = keepStanding({
    self,
    clock: own,
    log: quiet,
    newNonce,
    ...{ firstHeld: firstHeld(folder), words: keptWords(folder, quiet) },
    watch: cosignWatch(own.monotonic),
    revoked: { all: revoked, keep: ({ document }) => void revoked.add(document.organisation) },
    send: (frame) => sent.push(frame as { t: string }) > 0,
    onChange: (agreement) => changes.push(agreement),
    onNewAct: (act) => newActs.push(act),
    onStanding: () => undefined,
    ...(bounds && { bounds }),
  });
  return { keeper, clock: own, sent, changes, newActs };
}

export function standingOf(right: Right, over: Partial<Standing> = {}): Standing {
  const { entities, certificates, agreement } = right.chain;
  const empty = { acts: [], statusLists: [], verdicts: [], annexes: [], flows: [] };
  return { agreementId: right.agreement.id, entities, certificates, agreement, ...empty, ...over };
}

type BeatFrame = Extract<GatewayFrame, { t: 'beat' }>;

/** What an honest agent says when it is asked with this nonce. */
export async function beatOf(
  right: Right,
  company: Company,
  agent: Holder,
  nonce: string | null,
  acts: readonly Act[] = [],
): Promise<BeatFrame> {
  const now = Date.now();
  const statusList: StatusList = {
    typ: 'status-list',
    v: 1,
    organisation: company.organisation,
    agreementId: right.agreement.id,
    sequence: acts.length,
    invalid: acts.flatMap((act) => (act.target.kind === 'grant' ? [act.target.id] : [])),
    issuedAt: now,
    expiresAt: now + 86_400_000,
  };
  const beat = {
    typ: 'beat',
    v: 1,
    organisation: company.organisation,
    epoch: 1,
    receiver: { organisation: BUYER, id: right.who.gateway.id },
    nonce,
    agreementId: right.agreement.id,
    agreement: digestOf(right.agreement),
    entity: digestOf(company.entity.document),
    acts: digestOfActs(acts.map(digestOf)),
    status: digestOf(statusList),
    checkpoint: null,
    issuedAt: now,
  } as const;
  return {
    t: 'beat',
    beat: await signed(beat, agent.signer, now),
    statusList: await signed(statusList, agent.signer, now),
  };
}

/** The buyer's revocation of the right's grant, by its own agent. */
export function revocationOf(right: Right, over: Partial<Act> = {}): Promise<Signed<Act>> {
  const act: Act = {
    typ: 'act',
    v: 1,
    verb: 'revoke',
    organisation: BUYER,
    agreementId: right.agreement.id,
    target: { kind: 'grant', id: right.grant.id },
    reason: 'the plant needs the machine',
    lifts: null,
    sequence: 1,
    previous: null,
    issuedAt: Date.now(),
    ...over,
  };
  return signed(act, right.who.buyerAgent.signer, Date.now());
}

/** Waits for a condition, never for a time; throws when it does not come. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  milliseconds = 15_000,
): Promise<void> {
  for (const end = performance.now() + milliseconds; !(await holds()); ) {
    if (performance.now() > end) throw new Error(`within ${milliseconds} ms it did not come true that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
