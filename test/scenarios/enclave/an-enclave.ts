import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeLog } from '@interlock/company-side';
import type { ChainDocuments, Standing } from '@interlock/contracts';
import type { Act, Beat, LocalId, Provisioning, Signed, StatusList } from '@interlock/domain';
import { digestOf, digestOfActs, privateKeyToPem, signed } from '@interlock/proof';
import type { Company, Holder } from '@interlock/testkit/builders';
import { pino } from 'pino';
import { startGateway } from '../../../apps/edge-gateway/src/gateway.js';
import { Relay } from '../../../apps/relay/src/relay.js';
import { HonestBroker, type Known } from './honest-broker.js';

/** One company's side of an agreement: who beats for it. */
export interface Side {
  readonly company: Company;
  readonly agent: Holder;
  /** What it has taken away, in the order in which it did. */
  readonly acts?: readonly Act[];
}

/** Where relay and gateway run: in the test's own process unless said otherwise. */
export interface Processes {
  /** How long an end waits there for its partner, in milliseconds. */
  startRelay(partnerMs?: number): Promise<{ readonly port: number; stop(): Promise<void> }>;
  startGateway(folder: string, beatSeconds: number): Promise<{ readonly localPort: number; close(): Promise<void> }>;
}

/** An agreement of the owner with one partner, and the right under it. */
export interface Partner {
  readonly sides: readonly Side[];
  readonly chain: ChainDocuments;
  readonly known: Omit<Known, 'chain' | 'gateway'>;
  /** Its flows that run. */
  readonly flows?: Standing['flows'];
}

export interface EnclaveOptions extends Partner {
  /** Whose gateway stands here: the owner of what is behind it, vendor or buyer. */
  readonly owner: Company;
  readonly gateway: Holder;
  readonly pins: ReadonlyMap<Company['organisation'], Company['pin']>;
  readonly targets: Provisioning['targets'];
  readonly regions?: Provisioning['regions'];
  /** Other companies that come through the same gateway. */
  readonly others?: readonly Partner[];
  readonly beatSeconds?: number;
}

/** A real gateway and a real relay of one company, with a broker that does its work and both companies' agents. */
export interface Enclave {
  readonly broker: HonestBroker;
  readonly localPort: number;
  /** The gateway's own folder. */
  readonly folder: string;
  /** Hands a signed act to the gateway by the broker's push, or at its own port. */
  push(act: Signed<Act>): void;
  byHand(act: Signed<Act>): Promise<number>;
  state(): Promise<{ readonly leases: number; readonly sessions: number }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function anEnclave(options: EnclaveOptions, processes: Processes = ownProcess): Promise<Enclave> {
  const broker = new HonestBroker();
  await broker.start();
  const relay = await processes.startRelay();
  broker.relayPort = relay.port;
  const partners: readonly Partner[] = [options, ...(options.others ?? [])];
  broker.standings = partners.map(({ chain, flows = [] }) => ({ ...standingOf(chain), flows }));
  const gatewayRef = { organisation: options.owner.organisation, id: options.gateway.id };
  for (const { chain, known } of partners)
    broker.known.set(chain.grant.document.id, { ...known, chain, gateway: gatewayRef });
  broker.onNonce = (nonce, agreementId) => {
    const asked = partners.find(({ chain }) => chain.agreement.document.id === agreementId);
    if (asked) void beat({ ...options, ...asked }, broker, nonce);
  };
  const folder = await provision(options, broker);
  const gateway = await processes.startGateway(folder, options.beatSeconds ?? 0.5);
  const url = `http://127.0.0.1:${gateway.localPort}`;
  const state = () => stateAt(url);
  const leases = partners.flatMap(({ sides }) => sides).length;
  await until('both sides say "still agreed"', async () => (await state()).leases === leases);
  return {
    broker,
    folder,
    localPort: gateway.localPort,
    state,
    push: (act) => broker.say({ t: 'act', act }),
    byHand: async (act) => (await fetch(`${url}/acts`, { method: 'POST', body: JSON.stringify({ act }) })).status,
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await relay.stop();
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Relay and gateway in this very process. */
export const ownProcess: Processes = {
  startRelay: async (partnerMs = 3_000) => {
    const limits = { waiting: 3_000, waitingPerAddress: 3_000, pairs: 3_000 };
    const times = { requestMs: 5_000, partnerMs, idleMs: 0 };
    const relay = new Relay({ host: '127.0.0.1', port: 0, ...limits, ...times });
    return { port: await relay.start(), stop: () => relay.stop() };
  },
  startGateway: (folder, beatSeconds) =>
    startGateway(
      {
        GATEWAY_FOLDER: folder,
        GATEWAY_LOCAL_PORT: 0,
        GATEWAY_JOURNAL_MIB: 64,
        GATEWAY_BEAT_SECONDS: beatSeconds,
        GATEWAY_DECISION_POINT_SECONDS: 2,
        METRICS_HOST: '127.0.0.1',
        INTERLOCK_PARENT_PIPE: '0',
      },
      makeLog('test', pino({ level: 'silent' })),
    ),
};

async function stateAt(url: string): Promise<{ leases: number; sessions: number }> {
  const said = (await (await fetch(`${url}/state`)).json()) as {
    agreements: { leases: Record<string, boolean> }[];
    sessions: unknown[];
  };
  const leases = said.agreements.flatMap((one) => Object.values(one.leases)).filter(Boolean).length;
  return { leases, sessions: said.sessions.length };
}

const standingOf = ({ entities, certificates, agreement }: ChainDocuments): Standing => {
  const nothing = { acts: [], statusLists: [], verdicts: [], annexes: [], flows: [] };
  return { agreementId: agreement.document.id, entities, certificates, agreement, ...nothing };
};

async function provision(options: EnclaveOptions, broker: HonestBroker): Promise<string> {
  const { owner, gateway, pins, targets } = options;
  const folder = mkdtempSync(join(tmpdir(), 'interlock-enclave-'));
  const now = Date.now();
  const document: Provisioning = {
    typ: 'provisioning',
    v: 1,
    organisation: owner.organisation,
    gateway: gateway.id,
    pins: [...pins].map(([organisation, root]) => ({ organisation, root })),
    targets,
    broker: { origin: broker.origin, ticketKey: broker.ticketSigner.key },
    relays: [{ host: '127.0.0.1', port: broker.relayPort }],
    regions: options.regions ?? [],
    scrub: [],
    issuedAt: now - 60_000,
  };
  const bundle = await signed(document, owner.certify, now);
  writeFileSync(join(folder, 'provisioning.json'), JSON.stringify(bundle));
  writeFileSync(join(folder, 'entity.json'), JSON.stringify(owner.entity));
  writeFileSync(join(folder, 'certificate.json'), JSON.stringify(gateway.certificate));
  writeFileSync(join(folder, 'key.pem'), privateKeyToPem(gateway.key));
  return folder;
}

/** Both agents say "still agreed": nothing of theirs has been taken away. */
async function beat({ chain, sides, owner, gateway }: EnclaveOptions, broker: HonestBroker, nonce: string) {
  for (const { company, agent, acts = [] } of sides) {
    const now = Date.now();
    const { organisation } = company;
    const agreementId = chain.agreement.document.id;
    const list: StatusList = {
      ...{ typ: 'status-list', v: 1, organisation, agreementId, sequence: acts.length },
      invalid: acts.flatMap(({ target }) => (target.kind === 'grant' ? [target.id] : [])),
      issuedAt: now,
      expiresAt: now + 86_400_000,
    };
    const document: Beat = {
      ...{ typ: 'beat', v: 1, organisation, epoch: 1, nonce, agreementId },
      receiver: { organisation: owner.organisation, id: gateway.id },
      agreement: digestOf(chain.agreement.document),
      entity: digestOf(company.entity.document),
      acts: digestOfActs(acts.map(digestOf)),
      status: digestOf(list),
      checkpoint: null,
      issuedAt: now,
    };
    const said = { beat: await signed(document, agent.signer, now), statusList: await signed(list, agent.signer, now) };
    broker.say({ t: 'beat', ...said });
  }
}

/** A revocation by one side: of the grant unless another act is named. */
export function revocationOf(chain: ChainDocuments, by: Side, over: Partial<Act> = {}): Promise<Signed<Act>> {
  const { id, agreementId } = chain.grant.document;
  const act: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: by.company.organisation, agreementId },
    target: { kind: 'grant', id },
    reason: 'no longer needed',
    lifts: null,
    sequence: 1,
    previous: null,
    issuedAt: Date.now(),
    ...over,
  };
  return signed(act, by.agent.signer, Date.now());
}

export const target = (
  resource: string,
  service: string,
  port: number,
  from?: string,
): Provisioning['targets'][number] => ({
  resource: resource as LocalId,
  service: service as LocalId,
  host: '127.0.0.1',
  port,
  ...(from !== undefined && { from }),
});

/** Waits for a condition, never for a time; throws when it does not come. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, milliseconds = 15_000) {
  for (const end = performance.now() + milliseconds; !(await holds()); ) {
    if (performance.now() > end) throw new Error(`within ${milliseconds} ms it did not come true that ${what}`);
    await pause(5);
  }
}
