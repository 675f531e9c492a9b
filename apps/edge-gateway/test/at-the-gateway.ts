import type { RefusalCode } from '@interlock/contracts';
import {
  allow,
  clauseOf,
  type Decision,
  type Grant,
  type GrantKind,
  type Lease,
  type LocalId,
  type OrganisationId,
  route,
  type SessionId,
  type Signal,
  type Term,
  type Thumbprint,
} from '@interlock/domain';
import { digestOf, digestOfToken, signed, signTicket, trust } from '@interlock/proof';
import {
  anAgreement,
  aPartnership,
  BUYER,
  NOW,
  type Partnership,
  type Right,
  rightUnder,
  VENDOR,
} from '@interlock/testkit/builders';
import { judgeFlow } from '../src/flow/judge-flow.js';
import type { GatewayClock } from '../src/gateway-clock.js';
import { type Admission, type Admitted, admitSession, type Offer, stillAllowed } from '../src/session/admit-session.js';
import { type HeldAgreement, hold } from '../src/standing/held-agreement.js';
import { keptWords } from '../src/standing/kept-words.js';
import { takeSignal } from '../src/standing/take-signal.js';
import { everythingOf, type Situation } from './situation.js';
import { provisionedFor, quiet } from './two-sides.js';

export { everythingOf, type Situation } from './situation.js';

/** One case that permits and one that refuses by a term, at the decision of a gateway of the owner of the resource. */
export interface TermCase {
  readonly permits: string;
  readonly permitted: () => Promise<Decision<unknown>>;
  readonly refuses: string;
  readonly refused: () => Promise<Decision<unknown>>;
  readonly code: RefusalCode;
}

export const id = (text: string) => text as LocalId;
export const press7 = { owner: BUYER, id: id('press-7') };
const RELAY = { host: '127.0.0.1', port: 7 };
const BOOT = 1_000_000;

/** Keys take time, and no case changes who the two companies are. */
let partners: Promise<Partnership> | undefined;

/** A machine-to-machine grant: a workload of the vendor, with the key of its own certificate. */
export const byWorkload: Partial<Grant> = {
  kind: 'machine-to-machine',
  subjects: [{ organisation: VENDOR, kind: 'workload', id: id('telemetry-pipeline') }],
};

const OF_KIND: Readonly<Record<GrantKind, Partial<Grant>>> = {
  'remote-service': {},
  'machine-to-machine': byWorkload,
  'data-collection': {
    kind: 'data-collection',
    subjects: byWorkload.subjects ?? [],
    actions: [id('press-telemetry')],
    purpose: id('predictive-maintenance'),
    ticket: null,
  },
};

export interface Scene extends Admission {
  readonly right: Right;
  readonly held: HeldAgreement;
}

export async function sceneOf(kind: GrantKind, situation: Situation): Promise<Scene> {
  partners ??= aPartnership(NOW);
  const who = await partners;
  const base = anAgreement(who, situation.agreement);
  const parties = base.parties.map((one) =>
    one.organisation === situation.otherRoot ? { ...one, root: who.gateway.signer.kid } : one,
  );
  const own = situation.terms ?? [];
  const clauses = own.map(clauseOf);
  const others = base.terms.filter((term) => !clauses.includes(clauseOf(term as Term)));
  const grant = { ...OF_KIND[kind], ...situation.grant };
  return sceneOfRight(await rightUnder(who, { ...base, parties, terms: [...others, ...own] }, { grant }), situation);
}

/** Nothing was opened here before. */
export const NEW = { begunAt: () => undefined, begin: () => NOW };
const remembered = () => ({
  ...{ firstHeld: Object.assign(() => 0, { before: () => undefined }), words: keptWords('/nowhere', quiet) },
  ends: new Map(),
  ...{ revoked: new Set<OrganisationId>(), revokedSince: new Map() },
});
async function sceneOfRight(right: Right, situation: Situation): Promise<Scene> {
  const provisioned = provisionedFor(right, { relays: [RELAY], issuedAt: NOW });
  const self = { ...provisioned, resources: situation.machines ?? provisioned.resources };
  const held = await hold(await everythingOf(right, situation), undefined, self, NOW, remembered());
  if (!held.allowed) throw new Refused(held);
  const source = await right.who.buyer.holder('person', 'shift-lead', ['signal']);
  const devices = await right.who.vendor.holder('workload', 'device-management', ['signal']);
  const { entities, certificates } = right.chain;
  const sources = [source, devices].map(({ certificate }) => certificate);
  const ring = await trust(entities, [...certificates, ...sources], self.pins, NOW);
  for (const over of situation.signals ?? []) {
    const about = { kind: 'resource' as const, id: press7.id };
    const word = { organisation: BUYER, signal: id('presence'), about, holds: true, at: NOW };
    const said: Signal = { typ: 'signal', v: 1, ...word, ...over };
    const own = said.organisation === BUYER ? source : devices;
    const { signer } = said.program ? right.who.gateway : own;
    if (ring.allowed) await takeSignal(held.value, await signed(said, signer, NOW), NOW, ring.value);
  }
  const both: Lease = { anchor: BOOT, newest: NOW };
  for (const { organisation } of right.agreement.parties)
    if (!situation.silent?.includes(organisation)) held.value.leases.set(organisation, both);
  const clock = clockAt(situation.after ?? 0);
  const { begunAt } = situation;
  return {
    right,
    self,
    held: held.value,
    clock,
    ticketsSeen: new Map(),
    locked: false,
    working: { begunAt: () => begunAt },
    openUnder: () => situation.open ?? 0,
    watch: { waiting: () => situation.waiting ?? new Map() },
  };
}

/** An agreement that the gateway does not even hold is refused before anybody asks for anything. */
class Refused extends Error {
  constructor(readonly decision: Decision<never>) {
    super('the agreement is not held');
  }
}

export const clockAt = (after: number): GatewayClock => ({
  now: () => NOW + after,
  monotonic: () => BOOT + after,
  learnOwnTime: () => undefined,
  runsAhead: () => false,
  persist: () => undefined,
});

/** What a machine shows of itself where its certified key is not what counts: an X.509-SVID, or another key. */
export interface ShownBy {
  readonly loginProof: string | null;
  readonly leaf: Thumbprint;
}

export async function offerOf(right: Right, action: LocalId, shown?: ShownBy): Promise<Offer> {
  const { document: grant } = right.chain.grant;
  const [named] = grant.subjects;
  if (!named) throw new Error('a grant has a subject');
  const byPerson = named.kind === 'person';
  const subject = byPerson ? { organisation: right.claims.iss, kind: named.kind, id: right.claims.sub } : named;
  const leaf = shown?.leaf ?? (byPerson ? right.leaf : right.who.recipient.signer.kid);
  const loginProof = shown ? shown.loginProof : byPerson ? right.loginProof : null;
  const seconds = NOW / 1000;
  const session = 'ses_0123456789abcdefghjkmnpqrs' as SessionId;
  const ticket = {
    iss: 'broker',
    session,
    grant: byPerson ? right.claims.grant : grant.id,
    proof: loginProof === null ? digestOf(grant) : digestOfToken(loginProof),
    jkt: leaf,
    gateway: { organisation: BUYER, id: right.who.gateway.id },
    iat: seconds,
    exp: seconds + 600,
    jti: '0123456789abcdef',
  };
  return {
    t: 'offer',
    session,
    grant: grant.id,
    resource: press7,
    action,
    ticket: await signTicket(ticket, right.who.gateway.signer),
    loginProof,
    subject,
    leaf,
    rendezvous: 'r'.repeat(32),
    relay: RELAY,
    chain: right.chain,
    verdicts: [],
  };
}

const refusedWhole = (error: unknown): Decision<never> => {
  if (error instanceof Refused) return error.decision;
  throw error;
};

/** Whether a new session may open. */
export async function sessionOpens(
  situation: Situation,
  kind: GrantKind = 'remote-service',
): Promise<Decision<Admitted>> {
  try {
    const scene = await sceneOf(kind, situation);
    return await admitSession(await offerOf(scene.right, situation.action ?? id('ssh')), scene);
  } catch (error) {
    return refusedWhole(error);
  }
}

/** Whether a new session of a right that a case made itself may open. */
export async function rightOpens(
  right: Right,
  situation: Situation = {},
  shown?: ShownBy,
): Promise<Decision<Admitted>> {
  try {
    return await admitSession(await offerOf(right, id('ssh'), shown), await sceneOfRight(right, situation));
  } catch (error) {
    return refusedWhole(error);
  }
}

/** Whether a session that opened honestly at `NOW` goes on in the situation. */
export async function sessionGoesOn(situation: Situation): Promise<Decision<unknown>> {
  const { after = 0, online = true } = situation;
  const scene = await sceneOf('remote-service', { ...situation, after: 0 });
  const opened = await admitSession(await offerOf(scene.right, id('ssh')), scene);
  return opened.allowed ? stillAllowed(opened.value, scene.held, clockAt(after), online) : opened;
}

/** Whether a flow may begin, and its first batch go to an endpoint that proves this key. */
export async function flowBegins(situation: Situation, shown?: Thumbprint): Promise<Decision<unknown>> {
  try {
    const { right, self, held, clock, watch } = await sceneOf('data-collection', situation);
    const by = {
      self,
      clock,
      watch,
      lockout: { isSet: () => false },
      online: () => situation.online ?? true,
      working: NEW,
    };
    const judged = await judgeFlow(by, held, right.chain.grant);
    if (!judged.allowed) return judged;
    const { reading, term } = judged.value;
    const [region] = term.regions;
    return region ? route(reading, term, region, shown ?? right.who.gateway.signer.kid) : allow(judged.value);
  } catch (error) {
    return refusedWhole(error);
  }
}
