import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Batch } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PRODUCT } from '../../../apps/cli/src/story/agreement-of-the-trial.js';
import { enter } from '../../../apps/cli/src/story/enter.js';
import { grant } from '../../../apps/cli/src/story/grant.js';
import type { PressSession } from '../../../apps/cli/src/story/remote-session.js';
import { BUYER, PRESS } from '../../../apps/cli/src/up/demo-companies.js';
import { compiled } from '../../../apps/cli/test/compiled.js';
import { comesTrue } from '../comes-true.js';
import { newcomerShell } from '../newcomers/newcomer-shell.js';
import { linesOf } from '../newcomers/readme-lines.js';
import { pageOf } from '../page-of.js';
import { answersBothCompanies, erasesOnePerson, keepsOwnReason, streamsToEachCompany } from './as-each-company.js';
import { type BrokerPlaces, brokerPlaces } from './broker-places.js';
import { deliveredOnce } from './delivered-once.js';
import { filesOpenTo, userOf } from './files-open-to.js';
import { fromOutside, type Outside } from './from-outside.js';
import { garbageAtEveryPort } from './garbage.js';
import { interlockUp, STARTS_WITHIN, type Up } from './interlock-up.js';
import { keysOf, needlesOf } from './private-keys.js';
import { alive, naming, procText, recorded } from './processes.js';
import { isRecordingHere, isRecordingWanted, namesInRecording, RECORDING } from './recording.js';
import { openedByVendor, sealedIn } from './sealed-at-rest.js';
import { compileSearch, type Search } from './search.js';
import { takenAway } from './taken-away.js';

const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'interlock-leaves-'));
const data = join(folder, 'data');

let up: Up;
let outside: Outside;
let broker: BrokerPlaces;

beforeAll(
  async () => {
    const names = isRecordingHere() ? await namesInRecording() : [];
    const recording = names.length > 0 ? ['--telemetry', RECORDING, ...names.flatMap((name) => ['--scrub', name])] : [];
    up = await interlockUp({ dir: data, args: ['--through', '5', ...recording] });
    await up.says(/The trial stays up until Ctrl-C/, 2 * STARTS_WITHIN);
    outside = fromOutside(data);
    broker = brokerPlaces(data);
  },
  2 * STARTS_WITHIN + 10_000,
);

afterAll(async () => {
  up?.send('SIGINT');
  await up?.ended();
  const left = naming(data).map(({ name }) => name);
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
}, STARTS_WITHIN + 10_000);

it('the story is played through the flow, by processes that all live on', () => {
  expect(up.said()).not.toMatch(/FAILED|ended by itself/);
  expect(alive(broker.processes)).toEqual(broker.processes);
});

describe("a company's private keys", () => {
  let search: Search;

  beforeAll(() => {
    search = compileSearch(keysOf(data).flatMap(needlesOf));
  });

  it('are all looked for: of agents, people, gateways, machines, pipelines, identity providers, and those kept offline', () => {
    const names = keysOf(data).map(({ name }) => name);
    for (const place of ['offline/', 'keys/', 'people/', 'gateways/', 'machines/', 'workloads/', 'identity provider'])
      expect(names.filter((name) => name.includes(place)).length).toBeGreaterThan(0);
    expect(names.length).toBeGreaterThan(25);
  });

  it('are in the memory of no process of the broker, of neither bus, nor of the relay', () => {
    const answers = [...broker.processes, ...broker.workers()].flatMap((process) => {
      const found = search.memory(process.pid);
      // A worker that ended before it was looked at is no answer.
      return alive([process]).length > 0 ? [{ name: process.name, found }] : [];
    });
    expect(answers.length).toBeGreaterThan(15);
    expect(answers.filter(({ found }) => found && found.size > 0)).toEqual([]);
    // An ordinary user may be kept from looking into processes of his own; root never is.
    if (isRoot) expect(answers.filter(({ found }) => !found).map(({ name }) => name)).toEqual([]);
  }, 120_000);

  it('would have been found there: an agent holds its own', () => {
    const agent = recorded(data).get('agent-delta-foods');
    const found = search.memory(agent?.pid ?? -1);
    if (found || isRoot) expect([...(found ?? [])]).toContain('companies/buyer/keys/agent.pem (raw)');
  }, 30_000);

  it('are in no command line and no environment of the broker', () => {
    const said = broker.processes.map(({ pid }) => procText(pid, 'cmdline') + procText(pid, 'environ')).join('\n');
    expect([...search.text(said)]).toEqual([]);
    if (isRoot) expect(said).toContain('interlock_grants');
  });

  it('are in no row of the database', async () => {
    const rows = await broker.rows();
    expect(rows.length).toBeGreaterThan(50);
    expect([...search.text(rows.join('\n'))]).toEqual([]);
  });

  it('are in no file of the broker, its database, its buses, and in no log of anybody', () => {
    for (const place of broker.folders)
      expect({ place, files: readdirSync(place).length > 0 }).toMatchObject({ files: true });
    expect(broker.folders.flatMap((place) => [...search.path(place)])).toEqual([]);
  }, 60_000);

  it('would have been found there: their own company keeps them in files', () => {
    expect([...search.path(join(data, 'companies', 'vendor'))]).toContain('companies/vendor/offline/root.pem (PEM)');
  });
});

/** Only root can start a trial whose parts are different users. */
const withUsers = isRoot ? describe : describe.skip;

withUsers('the users that the broker runs as', () => {
  it('cannot open one file of a company', () => {
    expect(alive(broker.processes)).toEqual(broker.processes);
    const users = new Set(broker.processes.filter(({ name }) => name !== 'relay').map(({ pid }) => userOf(pid)));
    expect(users.has(0)).toBe(false);
    expect(users.size).toBe(3);
    for (const uid of users) expect(filesOpenTo(uid, join(data, 'companies'))).toEqual([]);
    expect(filesOpenTo(0, join(data, 'companies')).length).toBeGreaterThan(40);
  }, 30_000);
});

/** A user's clone has no shared data; with CI set its absence is a failure. */
const withRecording = isRecordingWanted() ? describe : describe.skip;

withRecording('the recorded turn-mill', () => {
  let names: string[];
  let search: Search;
  let batches: Batch[];

  beforeAll(async () => {
    if (!isRecordingHere()) throw new Error(`${RECORDING} is not there, and CI is set`);
    names = await namesInRecording();
    search = compileSearch(names.map((name) => ({ name, bytes: Buffer.from(name) })));
    await comesTrue(async () => {
      batches = await openedByVendor(outside, sealedIn(broker.region));
      return batches.length >= 3 && keysIn(batches).includes('S1load');
    }, 60_000);
  }, 70_000);

  const keysIn = (some: readonly Batch[]) => some.flatMap(({ observations }) => observations.map(({ key }) => key));

  it('says the names of its user, its computer, its domain and its licences to whoever listens in the plant', async () => {
    expect(names).toEqual(expect.arrayContaining(['Administrator', 'OKUMA-P229810', 'P229810']));
    expect(names.some((name) => /^\d{5}-\d{5}-\d{5}-[A-Z]{5}$/.test(name))).toBe(true);
    const socket = connect(outside.port('shdr'), '127.0.0.1');
    for await (const line of createInterface({ input: socket })) {
      expect([...search.text(line)].toSorted()).toEqual(names.toSorted());
      break;
    }
    socket.destroy();
  });

  it('reaches the vendor as what was agreed: measured values of a real machine', () => {
    expect(keysIn(batches)).toEqual(expect.arrayContaining(['S1speed', 'S1load', 'estop', 'avail']));
    const agreed = [
      'avail',
      'estop',
      'S1speed',
      'S1load',
      'execution',
      'force',
      'spindle_temp',
      'temperature',
      'cycle_count',
    ];
    expect(keysIn(batches).filter((key) => !agreed.includes(key))).toEqual([]);
    expect(batches.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThan(50);
  });

  it('leaves none of those names in anything that the vendor opened', () => {
    expect([...search.text(JSON.stringify(batches))]).toEqual([]);
  });

  it('leaves none of those names with the broker: in the region, on the bus, in tables, files or logs', async () => {
    const rows = await broker.rows();
    expect([...search.text(rows.join('\n'))]).toEqual([]);
    expect(broker.folders.flatMap((place) => [...search.path(place)])).toEqual([]);
  }, 60_000);
});

describe('what the vendor receives', () => {
  const store = join(folder, 'received');
  const objects = { dir: join(folder, 'objects'), format: 'parquet', everySeconds: 60 } as const;

  it('is on the page of the plant: through which region, from which machine, to whom', async () => {
    const shown = /Region eu-1, in [A-Z]{2}[\s\S]*?[1-9]\d* deliveries[\s\S]*?press-7[\s\S]*?alpine-presses\.example/;
    await comesTrue(
      async () => shown.test(await pageOf(join(data, 'companies', 'buyer'), 'auditor', '/flows')),
      60_000,
    );
  }, 70_000);

  it('is kept, each batch once, answered to a program that asks, and written as objects that say what they are', async () => {
    const { first, outcome, kept, said } = await deliveredOnce(outside, store, objects);
    expect(first).toMatchObject({ offset: 0, product: PRODUCT, machine: { owner: BUYER.organisation, id: PRESS } });
    expect(outcome).toMatchObject({ allowed: true, value: { refused: 0, erased: 0, objects: 1 } });
    expect(new Set(kept.map((one) => `${one.flow} ${one.sequence}`)).size).toBe(kept.length);
    expect(said.batches).toEqual(kept.map(({ batch }) => batch));
  }, 120_000);
});

describe('a region that no data product names', () => {
  it('runs, is what the gateway would prefer, and nothing of the plant is on its disk', () => {
    const tails = (sealedIn(broker.region) as { ciphertext: string }[]).map(({ ciphertext }, at) => ({
      ...{ name: `batch ${at}`, bytes: Buffer.from(ciphertext.slice(-40)) },
    }));
    const tail = compileSearch(tails);
    expect([tail.path(broker.region).size > 0, [...tail.path(broker.furtherRegion)]]).toEqual([true, []]);
    expect([readdirSync(broker.furtherRegion).length > 0, sealedIn(broker.furtherRegion)]).toEqual([true, []]);
  });
});

describe('what the vendor keeps', () => {
  it('is taken away as a package, held in the log of both, and signed for when it goes', async () => {
    const told = await takenAway(outside, join(folder, 'received'), folder);
    expect(told.package).toEqual({ whole: true, names: expect.arrayContaining(['agreement.json', 'keeping.ndjson']) });
    expect(told.held).toMatchObject({
      allowed: true,
      value: { json: { heldBy: [outside.vendor.company.organisation] } },
    });
    expect(told.whileHeld).toMatchObject({ value: { json: { erased: 0, held: { reason: 'a dispute' } } } });
    expect(told.lifted).toMatchObject({ value: { json: { heldBy: [] } } });
    expect(told.read).toMatchObject({
      value: { json: { organisation: 'alpine-presses.example', erased: 0, inLog: true } },
    });
  }, 90_000);
});

describe('garbage at every port', () => {
  it('ends no process, grows none without bound, and the next technician gets in as before', async () => {
    const everybody = [...recorded(data).values()].filter(({ name }) => name !== 'initdb');
    const told = await garbageAtEveryPort(everybody, 1);
    expect(told.crashed).toEqual([]);
    expect(told.silent).toEqual([]);
    expect(told.blamedItself).toEqual([]);
    expect(told.ports).toBeGreaterThan(12);
    expect(told.grownMiB).toBeLessThan(300);
    expect(told.inputs).toBeGreaterThan(100);
    expect(up.said()).not.toContain('ended by itself');
    await grant.run(outside.context);
    const { shown } = await enter.run(outside.context);
    expect(shown[0]).toContain('"press-7"');
    (outside.context.memory.session as PressSession).remote.session.close();
  }, 120_000);
});

describe('a data engineer', () => {
  it('sends with a collector of its own and receives what was sealed, by the lines of the page for a data engineer', async () => {
    const [credentials = '', event = '', push = '', pull = ''] = linesOf(
      'docs/getting-started/pipeline.md',
      'pipeline',
    );
    symlinkSync(data, join(folder, '.interlock'));
    const said = (words: RegExp) => words.exec(up.said())?.[1] ?? '';
    const shell = newcomerShell(folder, {
      AGREEMENT: said(/agreement (agr_\w+) version 2 is in force/),
      REGION: said(/region eu-1 at ([\d.:]+)/),
      DOOR: said(/door of plant-gateway at ([\d.:]+)/),
    });
    try {
      for (const one of [credentials, event]) await shell.type(one);
      // The gateway hears of a new certificate within seconds; the page says so.
      await comesTrue(
        async () => /[01] events are on the gateway's disk/.test(await shell.type(`${push} 2>&1 || true`)),
        30_000,
      );
      await comesTrue(async () => (await shell.type(pull)).includes('"value":"812.5"'), 30_000);
    } finally {
      shell.end();
    }
  }, 120_000);
});

describe('the history, asked by each company in its own name', () => {
  const agreement = () => /agreement (agr_\w+) version 2 is in force/.exec(up.said())?.[1] ?? '';
  it('says who touched press-7, under which clause, who approved, and whether anything left the EU, by the lines of the README', async () => {
    await answersBothCompanies(data, linesOf('README.md', 'two questions'));
  }, 120_000);

  const REASON = 'a smell of burning';
  it('keeps what is one company’s own, streams to each what it may read, lets it disclose that, and forgets a person for whom its company asks', async () => {
    await keepsOwnReason(data, agreement(), REASON);
    const robot = await compiled('apps/cli/test/robot.ts', folder, 'robot');
    await streamsToEachCompany(data, agreement(), robot, REASON);
    await erasesOnePerson(data, agreement(), 'technician');
  }, 240_000);
});
