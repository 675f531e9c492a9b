// P2: AuthZEN evaluation over HTTP, every answer after its evidence is durable, against Cerbos with its decision log on and against an HTTP
// server of the same kind that answers a constant. Same load generator, same connections, same shape of question, in turns.

import { availableParallelism } from 'node:os';
import type { ServiceName } from '@interlock/contracts';
import { testDatabase, testNats } from '@interlock/testkit';
import { freePort, freePorts, openCacheFolder } from '@interlock/trial';
import fastify from 'fastify';
import { brokerProcesses } from '../../apps/data-router/test/broker-processes.js';
import { proofFor } from '../scenarios/broker/a-caller.js';
import {
  type Agreed,
  agreed,
  aPartnership,
  BUYER,
  granted,
  publishBoth,
  VENDOR,
} from '../scenarios/broker/two-companies.js';
import { load, type Measured, type Prepared } from './decisions/http-load.js';
import { startCerbos } from './peers/cerbos.js';

const quick = process.argv.includes('--quick');
const REQUESTS = quick ? 4_000 : 15_000;
const CALLS_OF_100 = quick ? 60 : 200;
const TURNS = quick ? 2 : 4;
const CONNECTIONS = 50;
const GRANTS = 100;
const began = performance.now();
const say = (line: string) => console.error(line);

/** Every fourth question is about an action nobody has. */
const actionOf = (at: number) => ({ name: at % 4 === 3 ? 'vnc' : 'ssh' });
const question = (at: number) => ({
  subject: { type: 'person', id: `${VENDOR}/technician` },
  action: actionOf(at),
  resource: { type: 'resource', id: `${BUYER}/press-7` },
});
/** What our service finds in its rights, Cerbos is told with each question. */
const questionForCerbos = (at: number) => {
  const { subject, action, resource } = question(at);
  return {
    subject: { ...subject, properties: { 'cerbos.roles': ['person'] } },
    action,
    resource: { ...resource, properties: { subjects: [subject.id], until: '2099-01-01T00:00:00Z' } },
  };
};
const JSON_BODY = { 'content-type': 'application/json' };
const plain = (path: string, body: unknown): Prepared => ({ path, headers: JSON_BODY, body: JSON.stringify(body) });
const isDecision = (status: number, text: string) => status === 200 && /^\{"decision":(true|false)/.test(text);
const isBatch = (status: number, text: string) => status === 200 && text.split('"decision":').length === 101;

async function aDecidingBroker() {
  const [database, nats, port] = await Promise.all([testDatabase({ durable: true }), testNats(), freePort()]);
  const origin = `http://127.0.0.1:${port}`;
  const env = (name: ServiceName) => ({
    ...{ DATABASE_URL: database.urlFor(name), NATS_URL: nats.urlFor(name), LOG_LEVEL: 'silent' },
    API_REQUESTS_PER_SECOND: '1000000',
  });
  const services = await brokerProcesses(env, origin);
  const stop = async () => {
    await services.stop();
    await Promise.all([nats.stop(), database.stop()]);
  };
  const reach = { origin, url: origin } as Parameters<typeof publishBoth>[0];
  return { reach, stop };
}

/** Signed before the clock runs: what a caller's own processor does is not what is measured. */
async function proven(broker: { readonly origin: string }, pair: Agreed, path: string, bodies: readonly unknown[]) {
  const requests: Prepared[] = [];
  for (const each of bodies) {
    const body = JSON.stringify(each);
    const authorization = await proofFor(broker, pair.who.buyerAgent.signer, 'POST', path, Buffer.from(body));
    requests.push({ path, headers: { ...JSON_BODY, authorization }, body });
  }
  return requests;
}

async function aConstantServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const app = fastify({ bodyLimit: 1_048_576 });
  app.post('/access/v1/evaluation', () => ({ decision: true }));
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), stop: () => app.close() };
}

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const of = (runs: readonly Measured[], what: keyof Measured) => median(runs.map((one) => one[what]));
const ratio = (one: number, other: number) => Number((one / other).toFixed(3));

async function measure() {
  const { reach, stop } = await aDecidingBroker();
  const who = await aPartnership(Date.now());
  await publishBoth(reach, who);
  const pair = await agreed(reach, who);
  for (let n = 0; n < GRANTS; n += 1) await granted(reach, pair);
  const cerbos = await startCerbos(openCacheFolder(), await freePorts(2));
  const constant = await aConstantServer();
  const singles = Array.from({ length: REQUESTS }, (_, at) => question(at));
  const hundreds = Array.from({ length: CALLS_OF_100 }, (_, at) => ({
    evaluations: Array.from({ length: 100 }, (_each, n) => question(at + n)),
  }));
  const runs = {
    ours: [] as Measured[],
    cerbos: [] as Measured[],
    constant: [] as Measured[],
    hundred: [] as Measured[],
  };
  for (let turn = -1; turn < TURNS; turn += 1) {
    const path = '/access/v1/evaluation';
    const ours = await load(reach.url, await proven(reach, pair, path, singles), CONNECTIONS, isDecision);
    const theirs = await load(
      cerbos.url,
      singles.map((_, at) => plain(path, questionForCerbos(at))),
      CONNECTIONS,
      isDecision,
    );
    const fixed = await load(
      constant.url,
      singles.map((one) => plain(path, one)),
      CONNECTIONS,
      isDecision,
    );
    const hundred = await load(reach.url, await proven(reach, pair, '/access/v1/evaluations', hundreds), 10, isBatch);
    say(
      `ours ${ours.perSecond}/s p99 ${ours.p99Ms} ms, Cerbos ${theirs.perSecond}/s p99 ${theirs.p99Ms} ms, constant ${fixed.perSecond}/s, of 100 ${hundred.perSecond}/s`,
    );
    // The first turn warms all of them.
    if (turn < 0) continue;
    runs.ours.push(ours);
    runs.cerbos.push(theirs);
    runs.constant.push(fixed);
    runs.hundred.push(hundred);
  }
  cerbos.stop();
  await constant.stop();
  await stop();
  return runs;
}

const runs = await measure();
const perSecond = of(runs.ours, 'perSecond');
const cerbosPerSecond = of(runs.cerbos, 'perSecond');
console.log(
  JSON.stringify({
    id: 'P2',
    figures: {
      perSecond,
      cerbosPerSecond,
      ratioToCerbos: ratio(perSecond, cerbosPerSecond),
      ratioToConstant: ratio(perSecond, of(runs.constant, 'perSecond')),
      p99Ms: of(runs.ours, 'p99Ms'),
      cerbosP99Ms: of(runs.cerbos, 'p99Ms'),
      batchGain: ratio(of(runs.hundred, 'perSecond') * 100, perSecond),
    },
    conditions: {
      ...{ requests: REQUESTS, turns: TURNS, connections: CONNECTIONS, grants: GRANTS, denies: 0.25 },
      p50Ms: of(runs.ours, 'p50Ms'),
      evidence: 'one durable transaction (fsync on) of a group of answers before any of them is given',
      authentication:
        'ours: a signed caller proof for each request, verified and taken once; Cerbos and the constant: none',
      processes:
        'four of the broker, two of PostgreSQL and NATS, and the load generator with the constant server, on the same cores',
      ownDecisionPoints: 'off',
      cores: availableParallelism(),
      node: process.version,
    },
    peers: {
      cerbos: { p50Ms: of(runs.cerbos, 'p50Ms'), decisionLog: 'on, to a file' },
      constantPerSecond: of(runs.constant, 'perSecond'),
    },
    seconds: Math.round((performance.now() - began) / 1000),
  }),
);
process.exit(0);
