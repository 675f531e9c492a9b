import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type KeptBatches, openKeptBatches, pushEvents } from '@interlock/client';
import { makeLeaf } from '@interlock/company-side';
import { aCollectingPlant, key } from '../../../apps/edge-gateway/test/a-collecting-plant.js';
import { aRegion } from '../../../apps/edge-gateway/test/a-region.js';
import { faultyWay } from './faulty-way.js';

export interface DataFaults {
  readonly faults: number;
  readonly wrongEffects: number;
  readonly conditions: Readonly<Record<string, number>>;
}

/** How long what was accepted may take to arrive once nothing breaks any more. Milliseconds. */
const ARRIVES_WITHIN = 30_000;

/**
 * A collector pushes events through a door to a region to a recipient, and every way between them breaks again and again: what was said is lost, or it
 * arrives and the answer is lost. The recipient is killed too, in the middle of what it writes. Every event is counted where it is kept.
 */
export async function dataFaults(events: number, draw: () => number): Promise<DataFaults> {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-r3-'));
  const region = await aRegion({ syncAlways: true });
  const toRegion = await faultyWay(() => region.port, draw, 12);
  const plant = await aCollectingPlant({ ...region, port: toRegion.port }, join(folder, 'plant'), {
    keys: [key('force')],
  });
  await region.serve(plant.right);
  const toDoor = await faultyWay(() => plant.door.port, draw, 6);
  const recipient = new Recipient(join(folder, 'kept'), draw);
  const take = async () => {
    let answered = 0;
    const came = await region.pulled(() => (recipient.dies(answered++) ? '-NAK' : '+ACK'));
    for (const [at, one] of (await plant.opened(came)).entries()) recipient.keep(one, at);
    return came.length;
  };
  const made = async function* () {
    for (let at = 0; at < events; at += 1) yield { at, event: eventOf(at) };
  };
  const holder = plant.collectors.historian;
  let refused = 0;
  const gateway = plant.right.who.gateway.signer.kid;
  const door = { host: '127.0.0.1', port: toDoor.port, gateway, leaf: () => makeLeaf(holder.key, Date.now()) };
  const onRefused = () => {
    refused += 1;
  };
  let pushed = false;
  const pushing = pushEvents(made(), { door, onRefused, rest: () => pause(5) }).then((report) => {
    pushed = true;
    return report;
  });
  while (!pushed) await take();
  await pushing;
  toRegion.heal();
  const spool = join(folder, 'plant', 'flows', plant.right.grant.id);
  const waits = () => readdirSync(spool).some((name) => name.endsWith('.sealed'));
  for (const end = performance.now() + ARRIVES_WITHIN; waits() && performance.now() < end; ) await take();
  while ((await take()) > 0);
  const counted = recipient.counted();
  const wrongEffects = Array.from({ length: events }, (_, at) => Math.abs((counted.get(String(at)) ?? 0) - 1));
  const ways = [toDoor.broken, toRegion.broken];
  const sum = (name: 'lost' | 'answerLost') => ways.reduce((all, one) => all + one[name], 0);
  const conditions = {
    events,
    lost: sum('lost'),
    answersLost: sum('answerLost'),
    recipientKills: recipient.kills,
    refused,
  };
  await toDoor.close();
  await plant[Symbol.asyncDispose]();
  await toRegion.close();
  await region[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  const faults = conditions.lost + conditions.answersLost + conditions.recipientKills;
  return { faults, wrongEffects: refused + wrongEffects.reduce((all, one) => all + one, 0), conditions };
}

const eventOf = (at: number) => ({
  ...{ specversion: '1.0', id: `event-${at}`, source: '//delta-foods.example/press-7', type: 'machine.telemetry' },
  time: '2026-11-01T08:00:00Z',
  data: { force: at },
  // So that no push holds many of them.
  pad: 'x'.repeat(4_000),
});

/** Keeps batches, and is killed again and again: before it writes, in the middle of a line, or after it wrote and before it says so. */
class Recipient {
  kills = 0;
  private kept: KeptBatches;
  private dying = new Map<number, 'before' | 'torn' | 'after'>();

  constructor(
    private readonly dir: string,
    private readonly draw: () => number,
  ) {
    this.kept = openKeptBatches(dir);
  }

  dies(at: number): boolean {
    if (at === 0) this.dying = new Map();
    const drawn = this.draw();
    if (drawn < 0.4) this.dying.set(at, drawn < 0.13 ? 'before' : drawn < 0.26 ? 'torn' : 'after');
    return this.dying.has(at);
  }

  keep(opened: Parameters<KeptBatches['keep']>[0], at: number): void {
    const how = this.dying.get(at);
    if (how === undefined || how === 'after') this.kept.keep(opened, Date.now());
    if (how === undefined) return;
    const last = readdirSync(this.dir)
      .filter((name) => name.endsWith('.ndjson'))
      .sort()
      .at(-1);
    if (how === 'torn' && last) appendFileSync(join(this.dir, last), '{"offset":7,"batch":"sha');
    this.kept = openKeptBatches(this.dir);
    this.kills += 1;
  }

  counted(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (let from = 0; from < this.kept.next; ) {
      const some = this.kept.read(from, 1_000);
      if (some.length === 0) break;
      for (const { value } of some.flatMap(({ observations }) => observations))
        counts.set(value, (counts.get(value) ?? 0) + 1);
      from = (some.at(-1)?.offset ?? from) + 1;
    }
    return counts;
  }
}
