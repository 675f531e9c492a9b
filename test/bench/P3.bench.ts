// P3: a cut of live SSH-like sessions through connector, relay and gateway. The clock starts when the signed act leaves the signer and stops when
// both ends of the session's stream are dead: the machine's socket closed and the connector's stream closed. No byte can pass after that.

import { availableParallelism } from 'node:os';
import type { Act, SessionId, Signed } from '@interlock/domain';
import type { Right } from '@interlock/testkit/builders';
import { aLoad, type LiveSession } from '../scenarios/enclave/a-load.js';
import { type Enclave, revocationOf, until } from '../scenarios/enclave/an-enclave.js';
import { endChildren, ownProcesses, serveRole } from '../scenarios/enclave/own-processes.js';

const SESSIONS = 1_000;
const AT_ONCE = 20;
const quick = process.argv.includes('--quick');
const SINGLE_CUTS = quick ? 30 : 100;
const ALONE = quick ? 10 : 30;

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
const round = (value: number): number => Number(value.toFixed(2));

let sequence = 0;
function actOn(right: Right, over: Partial<Act>): Promise<Signed<Act>> {
  const by = { company: right.who.buyer, agent: right.who.buyerAgent };
  return revocationOf(right.chain, by, { sequence: ++sequence, ...over });
}

/** Milliseconds from the act to the death of this session. */
async function cutOne(right: Right, enclave: Enclave, one: LiveSession): Promise<number> {
  const act = await actOn(right, { target: { kind: 'session', id: one.id as SessionId } });
  const sent = performance.now();
  enclave.push(act);
  return (await one.dead) - sent;
}

async function measure() {
  const began = performance.now();
  const load = await aLoad(ownProcesses);
  const { right, enclave } = load;
  const alone: number[] = [];
  for (let turn = 0; turn < ALONE; turn++) alone.push(await cutOne(right, enclave, await load.enter()));
  const opening = performance.now();
  const live = await load.enterMany(SESSIONS, AT_ONCE);
  const openSeconds = (performance.now() - opening) / 1_000;
  const single: number[] = [];
  for (let turn = 0; turn < SINGLE_CUTS; turn++) {
    // From anywhere in the list: the gateway looks at its sessions in the order they came.
    const [chosen] = live.splice(Math.floor(Math.random() * live.length), 1);
    if (!chosen) break;
    single.push(await cutOne(right, enclave, chosen));
    live.push(await load.enter());
  }
  await until('a thousand are live', async () => (await enclave.state()).sessions === SESSIONS);
  const suspension = await actOn(right, { verb: 'suspend', target: { kind: 'agreement', id: right.agreement.id } });
  const sent = performance.now();
  enclave.push(suspension);
  const all = (await Promise.all(live.map(({ dead }) => dead))).map((at) => at - sent);
  await load[Symbol.asyncDispose]();
  return answerOf({ alone, single, all, openSeconds, seconds: (performance.now() - began) / 1_000 });
}

function answerOf(taken: { alone: number[]; single: number[]; all: number[]; openSeconds: number; seconds: number }) {
  const { alone, single, all } = taken;
  return {
    id: 'P3',
    figures: {
      tunnelP50Ms1: round(quantile(alone, 0.5)),
      tunnelP99Ms1000: round(quantile(single, 0.99)),
      tunnelP50Ms1000: round(quantile(single, 0.5)),
      allP99Ms1000: round(quantile(all, 0.99)),
      allP50Ms1000: round(quantile(all, 0.5)),
    },
    conditions: {
      sessions: SESSIONS,
      cutsAlone: alone.length,
      cutsOneOfThousand: single.length,
      suspensions: 1,
      path: "tunnel alone: act pushed over the broker's channel, without the broker's own services in the path",
      end: "both ends dead: the machine's socket and the connector's stream are closed",
      processes: 'gateway, relay, and one for connectors, machine and signer',
      evidence: 'every opening and cut on disk with fsync',
      grants: 1,
      openedPerSecond: round(SESSIONS / taken.openSeconds),
      cores: availableParallelism(),
      node: process.version,
    },
    seconds: round(taken.seconds),
  };
}

const at = process.argv.indexOf('--role');
if (at > 0) await serveRole(process.argv[at + 1] ?? '');
else {
  process.once('exit', endChildren);
  const answer = await measure();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exit(0);
}
