// R2 --area gateway: a gateway cut off from its broker while both sides go on: beats withheld, acts pushed, handed over or withheld, windows that end,
// clocks that are wrong. No byte may pass after the earliest end of trust model 7, no session may end before it, every record arrives once.

import { availableParallelism } from 'node:os';
import type { Duplex } from 'node:stream';
import type { ConnectorSession } from '@interlock/company-side';
import type { Act, LocalId } from '@interlock/domain';
import { signed } from '@interlock/proof';
import { BUYER } from '@interlock/testkit/builders';
import type { RawClocks } from '../../apps/edge-gateway/src/gateway-clock.js';
import { beatBoth } from '../scenarios/hostile-broker/honest-agents.js';
import { aPlant, opened, type Plant, ready, shortLease, until } from '../scenarios/hostile-broker/plant.js';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 1 : 6;
const AT_ONCE = 3;
const LEASE = shortLease.leaseSeconds * 1_000;
/** What a timer may be late by on a machine that does all of this at once, in milliseconds. */
const SLACK = 750;
const WINDOW = 4_000;
const SKEWS = [0, 45_000, -45_000];

interface Case {
  readonly name: string;
  /** Other skews than for the rest: a clock that is ahead by more than the window finds it over. */
  readonly skews?: readonly number[];
  /** Does what happens, and says when the session must be over at the latest (ms, `performance.now`); null: it must live on. */
  happen(plant: Plant): Promise<number | null>;
}

function revocation({ right }: Plant): Act {
  return {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: BUYER, agreementId: right.agreement.id },
    target: { kind: 'grant', id: right.grant.id },
    ...{ reason: 'no longer needed', lifts: null, sequence: 1, previous: null, issuedAt: Date.now() },
  };
}
const signedBy = ({ right }: Plant, act: Act) => signed(act, right.who.buyerAgent.signer, Date.now());

function silence(plant: Plant): void {
  plant.broker.onNonce = () => undefined;
  plant.broker.takesEvidence = false;
}

const CASES: readonly Case[] = [
  {
    name: 'beats withheld',
    happen: async (plant) => {
      silence(plant);
      return performance.now() + LEASE;
    },
  },
  {
    name: 'beats withheld for less than a lease',
    happen: async (plant) => {
      const { onNonce } = plant.broker;
      silence(plant);
      await new Promise((done) => setTimeout(done, LEASE / 3));
      plant.broker.onNonce = onNonce;
      plant.broker.takesEvidence = true;
      return null;
    },
  },
  {
    name: 'revoked, pushed',
    happen: async (plant) => {
      plant.broker.say({ t: 'act', act: await signedBy(plant, revocation(plant)) });
      return performance.now();
    },
  },
  {
    name: 'revoked, by hand while cut off',
    happen: async (plant) => {
      silence(plant);
      const body = JSON.stringify({ act: await signedBy(plant, revocation(plant)) });
      await fetch(`http://127.0.0.1:${plant.gateway.localPort}/acts`, { method: 'POST', body });
      return performance.now();
    },
  },
  {
    name: 'revoked, the act withheld',
    happen: async (plant) => {
      const act = revocation(plant);
      plant.broker.onNonce = (nonce) => void beatBoth(plant.broker, plant.right, nonce, [act]);
      return performance.now() + LEASE;
    },
  },
  {
    name: 'window ends',
    skews: [0, 1_000, -45_000],
    happen: async ({ right }) => performance.now() + (right.grant.windows[0]?.to ?? 0) - Date.now(),
  },
];

/** `lateBytes` and the like count sessions in which it happened. */
const told = { partitions: 0, lateBytes: 0, wrongCuts: 0, recordsLost: 0, recordsTwice: 0 };
const missed: string[] = [];

/** A clock of the machine that is wrong by this much. */
const wrongBy = (skew: number): RawClocks => ({ wall: () => Date.now() + skew, monotonic: () => performance.now() });

/** Talks without pause; answers with when the last byte came back. */
async function talk(session: ConnectorSession): Promise<{ readonly last: () => number; stop(): void }> {
  const stream = await session.openStream('ssh' as LocalId);
  if (!stream.allowed) throw new Error(stream.refusal.code);
  const duplex: Duplex = stream.value;
  let last = performance.now();
  duplex.on('error', () => undefined).on('data', () => (last = performance.now()));
  const timer = setInterval(() => duplex.writable && duplex.write('still here\n'), 10);
  return { last: () => last, stop: () => clearInterval(timer) };
}

async function play(one: Case, skew: number): Promise<void> {
  const now = Date.now();
  const terms = await shortTerms();
  // Whose window ends must not be mistaken for whose lease does.
  const span = one.name === 'window ends' ? WINDOW : 3_600_000;
  const grant = { windows: [{ from: now - 60_000, to: now + span }] };
  await using plant = await aPlant({ changes: { agreement: { terms }, grant }, clocks: wrongBy(skew) });
  await ready(plant);
  const session = await opened(plant).catch((cause: unknown) => {
    const said = plant.broker.evidence
      .filter(({ kind }) => kind === 'session.refused')
      .map(({ code, clause }) => `${code} ${clause}`);
    throw new Error(`${one.name} at ${skew}: not let in: ${said.join(', ')}`, { cause });
  });
  const talking = await talk(session);
  let over = false;
  void session.closed.then(() => (over = true));
  const end = await one.happen(plant);
  told.partitions += 1;
  if (end === null) {
    await new Promise((done) => setTimeout(done, LEASE + SLACK));
    if (over) told.wrongCuts += 1;
  } else {
    await until(() => over).catch(() => missed.push(`${one.name}: never ended`));
    // The end itself is judged by bytes; what came before it in time was no wrong cut only if a clock runs ahead.
    if (talking.last() > end + SLACK) {
      told.lateBytes += 1;
      missed.push(`${one.name} at ${skew}: ${Math.round(talking.last() - end)} ms late`);
    }
  }
  talking.stop();
  session.close();
  await everyRecordOnce(plant, one.name);
}

async function everyRecordOnce(plant: Plant, name: string): Promise<void> {
  plant.broker.takesEvidence = true;
  const of = (kinds: readonly string[]) => plant.broker.evidence.filter(({ kind }) => kinds.includes(kind));
  const [begin, end] = [['session.opened'], ['session.cut', 'session.closed']];
  await until(() => of(begin).length > 0 && of(end).length > 0).catch(() => missed.push(`${name}: records missing`));
  if (of(begin).length === 0 || of(end).length === 0) told.recordsLost += 1;
  const ids = plant.broker.evidence.map(({ id }) => id);
  // One more hand-over: what was delivered must not come again.
  if (new Set(ids).size !== ids.length || of(begin).length > 1 || of(end).length > 1) told.recordsTwice += 1;
}

async function shortTerms() {
  await using base = await aPlant({ beating: false });
  return base.right.agreement.terms.map((term) => (term.type === 'offline' ? shortLease : term));
}

const began = performance.now();
const work = Array.from({ length: ROUNDS }, () =>
  CASES.flatMap((one) => (one.skews ?? SKEWS).map((skew) => [one, skew] as const)),
).flat();
const workers = Array.from({ length: AT_ONCE }, async () => {
  for (let next = work.shift(); next; next = work.shift()) await play(...next);
});
await Promise.all(workers);
const answer = {
  id: 'R2',
  figures: told,
  conditions: {
    ...{ area: 'gateway', cases: told.partitions, properties: CASES.map(({ name }) => name), skewsMs: SKEWS, missed },
    ...{ leaseMs: LEASE, slackMs: SLACK, atOnce: AT_ONCE, cores: availableParallelism(), node: process.version },
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
