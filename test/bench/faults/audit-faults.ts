import { setTimeout as pause } from 'node:timers/promises';
import type { ThroughStep } from '@interlock/chassis';
import { PendingCosignatures, QueryAudit } from '@interlock/contracts';
import type { AgreementId, EvidenceRecord } from '@interlock/domain';
import { newSalt, parseCheckpoint, verifyConsistency, withhold } from '@interlock/proof';
import { InjectedFault } from '@interlock/testkit';
import { Client } from 'pg';
import { prove } from '../../../apps/audit/src/commands/prove.js';
import { aRecord, BUYER, VENDOR } from '../../../apps/audit/test/an-audit.js';
import { bytes, type TwoCompanies, twoCompanies } from '../../../apps/audit/test/two-companies.js';
import type { DataFaults } from './data-faults.js';
import { faultyWay } from './faulty-way.js';

/** One step in so many breaks. */
const BREAKS = 5;
const LOGS = 3;
const WRITERS = 3;
/** No torture waits longer for its faults. Milliseconds. */
const LONGEST = 300_000;

/** What the writers did: each record as it was first said, and those whose transaction was taken back. */
interface Written {
  readonly records: Map<string, string>;
  readonly rolledBack: Set<string>;
  again: number;
}

/**
 * Facts with their evidence are written over connections that break in the middle of what is said, into an audit service of which every kind of step is lost, or done and
 * reported as failed, and to which every event comes more than once. Each record must have one place in its log, each fact that was taken back none, each agreement one
 * log; every state that was signed must be of one history, and both witnesses must have followed it.
 */
export async function auditFaults(wanted: number, draw: () => number): Promise<DataFaults> {
  const struck: Record<string, number> = {};
  let quiet = true;
  const through: ThroughStep = async (step, work) => {
    if (step === 'deliver') {
      if (!quiet && draw() < 0.5) await work();
      return work();
    }
    if (quiet || draw() * BREAKS >= 1) return work();
    const how = draw() < 0.5 ? 'is lost' : 'is done but reported as failed';
    struck[`${step} ${how}`] = (struck[`${step} ${how}`] ?? 0) + 1;
    if (how !== 'is lost') await work();
    throw new InjectedFault(`${step} ${how}`);
  };
  const world = await twoCompanies({ faults: { through } });
  const { database } = world.audit;
  await database.query(`create table grants.facts (id text primary key);
    grant insert, select on grants.facts to interlock_grants`);
  const logs: AgreementId[] = [];
  for (let n = 0; n < LOGS; n += 1) logs.push(await world.anAgreement());
  const address = new URL(database.urlFor('grants'));
  const port = Number(address.port);
  const way = await faultyWay(() => port, draw, 14);
  address.port = String(way.port);
  const written: Written = { records: new Map(), rolledBack: new Set(), again: 0 };
  let over = false;
  quiet = false;
  const writers = Array.from({ length: WRITERS }, () => writeFacts(address.href, logs, written, draw, () => over));
  const refused: string[] = [];
  const serving = serve(world, logs, refused, () => over);
  const faults = () =>
    Object.values(struck).reduce((sum, one) => sum + one, 0) + way.broken.lost + way.broken.answerLost;
  for (const end = Date.now() + LONGEST; faults() < wanted && Date.now() < end; ) await pause(50);
  const all = faults();
  over = true;
  way.heal();
  await Promise.all([...writers, serving]);
  quiet = true;
  await world.settle();
  // Where the broker did not hear of the last cosignature, it hears of that first.
  for (const log of [...logs, ...logs])
    for (const witness of [world.vendor, world.buyer]) refused.push(...(await world.cosignAll(witness, log)));
  const judged = await judge(world, logs, written);
  await way.close();
  await world.stop();
  const { lost, twice, takenBack, altered, histories, notFollowed, logsTwice } = judged;
  return {
    faults: all,
    wrongEffects: lost + twice + takenBack + altered + histories + notFollowed + logsTwice + refused.length,
    conditions: {
      ...{ records: written.records.size, rolledBack: written.rolledBack.size, saidAgain: written.again },
      ...{ ...struck, connectionsLost: way.broken.lost, answersLost: way.broken.answerLost },
      ...{ ...judged, refusedByWitnesses: refused.length },
    },
  };
}

/** Says each fact with its record until it is told that both are there; one in eight it takes back before that. */
async function writeFacts(
  url: string,
  logs: readonly AgreementId[],
  written: Written,
  draw: () => number,
  over: () => boolean,
): Promise<void> {
  for (let client = new Client(url); !over(); ) {
    const log = logs[Math.floor(draw() * logs.length)] as AgreementId;
    const said = aRecord({ log, source: 'broker/grants', kind: 'session.admitted' });
    const { record, opened } = withhold(said, newSalt);
    const takeBack = draw() < 0.125;
    for (let done = false; !done; ) {
      try {
        await writeOnce(client, record, opened, takeBack);
        done = true;
      } catch {
        written.again += 1;
        await client.end().catch(() => undefined);
        client = new Client(url);
      }
    }
    if (takeBack) written.rolledBack.add(record.id);
    else written.records.set(record.id, JSON.stringify(record));
    if (over()) await client.end().catch(() => undefined);
  }
}

const connected = new WeakSet<Client>();

async function writeOnce(
  client: Client,
  record: EvidenceRecord,
  disclosures: readonly string[],
  takeBack: boolean,
): Promise<void> {
  if (!connected.has(client)) {
    client.on('error', () => undefined);
    await client.connect();
    connected.add(client);
  }
  await client.query('begin');
  await client.query('insert into facts values ($1) on conflict do nothing', [record.id]);
  await client.query('select evidence.append($1, $2)', [JSON.stringify(record), JSON.stringify(disclosures)]);
  await client.query(takeBack ? 'rollback' : 'commit');
}

/** The audit service's own work and that of both witnesses, each tried again where it broke; and further agreements, announced meanwhile. */
async function serve(world: TwoCompanies, logs: AgreementId[], refused: string[], over: () => boolean): Promise<void> {
  const again = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch {
      // What was broken is done at the next turn.
    }
  };
  for (let turn = 0; !over(); turn += 1) {
    await again(() => world.audit.sequence(40));
    await again(() => world.audit.checkpoint());
    const log = logs[turn % logs.length] as AgreementId;
    for (const witness of [world.vendor, world.buyer])
      await again(async () => void refused.push(...(await world.cosignAll(witness, log))));
    if (turn % 6 === 5) await again(async () => void logs.push(await world.anAgreement()));
  }
}

async function judge(world: TwoCompanies, logs: readonly AgreementId[], written: Written) {
  const { database } = world.audit;
  const rows = await database.query<{ id: string; log: string; name: string; body: unknown; places: string }>(
    `select a.id, a.log, max(l.name) as name, (array_agg(a.body))[1] as body, count(*) as places
     from audit.appended a join audit.entry e using (position) join audit.log l on l.no = e.log_no group by a.id, a.log`,
  );
  const placed = new Map(rows.map((row) => [row.id, row]));
  const all = [...written.records];
  const gaps = await database.query(
    'select log_no from audit.entry group by log_no having count(*) <> max(idx) + 1 or min(idx) <> 0',
  );
  const facts = await database.query<{ id: string }>('select id from grants.facts');
  const factIds = new Set(facts.map(({ id }) => id));
  const names = await database.query<{ count: string }>(
    `select count(*) - count(distinct name) as count from audit.log`,
  );
  const parties = await database.query(
    `select l.name from audit.log l left join audit.party p on p.log_no = l.no where l.name = any($1)
     group by l.name having count(p.organisation) <> 2`,
    [logs],
  );
  return {
    lost: all.filter(([id]) => !placed.has(id) || !factIds.has(id)).length,
    twice: rows.filter(({ places, log, name }) => Number(places) !== 1 || log !== name).length,
    takenBack: [...written.rolledBack].filter((id) => placed.has(id) || factIds.has(id)).length,
    altered: all.filter(([id, said]) => placed.has(id) && !sameJson(placed.get(id)?.body, JSON.parse(said))).length,
    histories: gaps.length + (await brokenHistories(world, logs)),
    notFollowed: await behind(world, logs),
    logsTwice: Number(names[0]?.count) + parties.length,
    checkpoints: Number((await database.query<{ n: string }>('select count(*) as n from audit.checkpoint'))[0]?.n),
    cosignatures: Number((await database.query<{ n: string }>('select count(*) as n from audit.cosignature'))[0]?.n),
  };
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([name, one]) => [name, sorted(one)]),
        )
      : value;
const sameJson = (one: unknown, other: unknown): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Signed states of which one does not begin with the one before it. */
async function brokenHistories(world: TwoCompanies, logs: readonly AgreementId[]): Promise<number> {
  let broken = 0;
  for (const log of logs) {
    const states = await world.audit.database.query<{ size: string; note: string }>(
      'select c.size, c.note from audit.checkpoint c join audit.log l on l.no = c.log_no where l.name = $1 order by c.size',
      [log],
    );
    const roots = states.map(({ note }) => {
      const parsed = parseCheckpoint(note);
      if (!parsed.allowed) throw new Error(parsed.refusal.code);
      return parsed.value.checkpoint;
    });
    for (const [at, now] of roots.entries()) {
      const before = roots[at - 1];
      if (!before) continue;
      const ask = { organisation: VENDOR, log, indexes: [], treeSize: now.size, oldSize: before.size };
      const proven = await world.audit.run((tx) => prove(tx, ask));
      const path = proven.allowed ? (proven.value.consistency ?? []).map(bytes) : [];
      if (!verifyConsistency(before.size, now.size, before.root, now.root, path).allowed) broken += 1;
    }
  }
  return broken;
}

/** Logs whose newest state a witness has not cosigned although it was asked, or of which the query shows another size. */
async function behind(world: TwoCompanies, logs: readonly AgreementId[]): Promise<number> {
  let count = 0;
  for (const organisation of [VENDOR, BUYER]) {
    const { checkpoints } = await world.ask(PendingCosignatures, { organisation, limit: 200 });
    count += checkpoints.filter(({ log }) => logs.some((one) => one === log)).length;
  }
  for (const log of logs) {
    const answer = await world.ask(QueryAudit, { organisation: BUYER, filter: { log, limit: 1 } });
    const [row] = await world.audit.database.query<{ size: string }>('select size from audit.log where name = $1', [
      log,
    ]);
    if (!answer.allowed || answer.value.treeSize !== Number(row?.size)) count += 1;
  }
  return count;
}
