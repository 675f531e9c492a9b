import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '@interlock/company-side';
import type { AgreementId, EvidenceRecord, GrantId, LocalId, TelemetrySource, Thumbprint } from '@interlock/domain';
import {
  newPrivateKey,
  type OpenedBatch,
  publicJwkOf,
  signDocument,
  thumbprintOf,
  trust,
  unseal,
} from '@interlock/proof';
import {
  anAgreement,
  aPartnership,
  type Partnership,
  type Right,
  type RightChanges,
  rightUnder,
  VENDOR,
} from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aPress } from '../../test/a-press.js';
import { aRegion, type TestRegion } from '../../test/a-region.js';
import { aController } from '../../test/fetched-peers.js';
import {
  aFolder,
  aKeeper,
  beatOf,
  provisionedFor,
  quiet,
  revocationOf,
  standingOf,
  until,
} from '../../test/two-sides.js';
import { cosignWatch } from '../evidence/cosign-watch.js';
import { evidenceBook } from '../evidence/evidence-book.js';
import { lockout } from '../plant/lockout.js';
import { NOBODY_ASKED } from '../session/own-point.js';
import { keepWorkingTime } from '../session/working-time.js';
import { startFlows } from './flows.js';

const id = (text: string) => text as LocalId;
let region: TestRegion;
let rights = 0;
beforeAll(async () => {
  region = await aRegion();
}, 120_000);
afterAll(() => region?.[Symbol.asyncDispose]());

/** A right to the press's telemetry, in an agreement whose region shows this key. */
async function aDataRight(endpointKey: Thumbprint, over: RightChanges['grant'] = {}): Promise<Right> {
  const now = Date.now();
  const who = await aPartnership(now);
  // Of its own: what the region stores of one test is nothing to the next.
  const name = String(++rights).padStart(26, '0');
  const base = anAgreement(who, { id: `agr_${name}` as AgreementId }, now);
  const terms = base.terms.map((term) => (term.type === 'region' ? { ...term, endpointKeys: [endpointKey] } : term));
  const lease = { mode: 'static', leaseSeconds: 60 } as const;
  const offline = { type: 'offline', kind: 'data-collection', class: 'standard', ...lease } as const;
  const grant = {
    id: `grt_${name}` as GrantId,
    kind: 'data-collection' as const,
    subjects: [{ organisation: VENDOR, kind: 'workload' as const, id: id('telemetry-pipeline') }],
    actions: [id('press-telemetry')],
    purpose: id('predictive-maintenance'),
    ticket: null,
    ...over,
  };
  return rightUnder(who, { ...base, terms: [...terms, offline] }, { grant }, now);
}

async function aPlant(right: Right, folder: string, beating = true, sources: readonly TelemetrySource[] = []) {
  const press = await aPress();
  const self = provisionedFor(right, {
    targets: [{ resource: id('press-7'), service: id('shdr'), host: '127.0.0.1', port: press.port }],
    regions: [{ region: id('eu-1'), host: '127.0.0.1', port: region.port }],
    scrub: ['anna.schmidt'],
    sources,
  });
  const kept = aKeeper(self, folder);
  const journal = await openJournal(join(folder, 'journal'), { maxBytes: 4_000_000, reservedBytes: 100_000 });
  const nobody = { ...region.broker, post: () => Promise.reject(new Error('no broker for evidence')) };
  const watch = cosignWatch(kept.clock.monotonic);
  const book = evidenceBook({ self, clock: kept.clock, log: quiet, journal, broker: nobody, watch });
  const switched = lockout(folder);
  const flows = startFlows({
    self,
    clock: kept.clock,
    log: quiet,
    lockout: switched,
    book,
    broker: region.broker,
    keeper: kept.keeper,
    online: () => true,
    working: keepWorkingTime(folder),
    ...{ watch, point: NOBODY_ASKED, folder: join(folder, 'flows') },
  });
  await kept.keeper.takeStanding(standingOf(right, { flows: [right.chain.grant] }));
  if (beating) await beats(kept, right);
  flows.review();
  const evidence = async () => {
    const found: EvidenceRecord[] = [];
    for await (const { entry } of journal.readFrom(1)) found.push((entry as { record: EvidenceRecord }).record);
    return found.map(({ kind, code }) => (code === null ? kind : `${kind} ${code}`));
  };
  const stop = async () => {
    flows.closeAll('gateway_stopping');
    await flows.stop();
    await press.stop();
    await journal.close();
  };
  return { press, kept, flows, switched, evidence, stop };
}

async function beats({ keeper }: ReturnType<typeof aKeeper>, right: Right): Promise<void> {
  const { vendor, buyer, vendorAgent, buyerAgent } = right.who;
  const nonce = keeper.nonceFor(right.agreement.id) ?? null;
  for (const [company, agent] of [
    [vendor, vendorAgent],
    [buyer, buyerAgent],
  ] as const)
    expect(await keeper.takeBeat(await beatOf(right, company, agent, nonce))).toMatchObject({ allowed: true });
}

/** What the vendor's pipeline reads out of what the region gives it. */
async function opened(right: Right, sealed: readonly unknown[]): Promise<OpenedBatch[]> {
  const { entities, certificates } = right.chain;
  const ring = await trust(entities, certificates, right.who.pins, Date.now());
  if (!ring.allowed) throw new Error(ring.refusal.code);
  const { signer, key } = right.who.recipient;
  const opener = { organisation: VENDOR, kid: signer.kid, key };
  const all = await Promise.all(sealed.map((one) => unseal(one, opener, ring.value, Date.now())));
  return all.map((one) => {
    if (!one.allowed) throw new Error(one.refusal.code);
    return one.value;
  });
}

const spooled = (folder: string, right: Right): string[] =>
  readdirSync(join(folder, 'flows', right.grant.id)).filter((name) => name.endsWith('.sealed'));

const force = (value: number) => `2026-06-01T12:00:00Z|force|${value}`;

describe('a flow', () => {
  it('leaves the plant minimised and sealed, and opens at the recipient alone', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    await region.serve(right);
    const plant = await aPlant(right, folder.path);
    await until('pick-up listens', () => plant.press.listeners() === 1);
    plant.press.say(`${force(120)}|operator|anna.schmidt`);
    const got: unknown[] = [];
    await until('the region has it', async () => got.push(...(await region.pulled())) > 0);
    const [batch] = await opened(right, got);
    expect(batch?.batch.observations).toEqual([{ at: '2026-06-01T12:00:00Z', key: 'force', value: '120' }]);
    expect(batch?.batch).toMatchObject({ sequence: 0, previous: null, dropped: 1, flow: right.grant.id });
    expect(JSON.stringify(got)).not.toContain('anna');
    await until('the delivery is recorded', async () => (await plant.evidence()).includes('flow.delivered'));
    expect(await plant.evidence()).toEqual(['flow.opened', 'flow.delivered']);
    expect(spooled(folder.path, right)).toEqual([]);
    await plant.stop();
  }, 60_000);

  it('seals what it reads out of a controller as it seals what an adapter says', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    await region.serve(right);
    const controller = await aController();
    controller.holding.writeUInt16BE(815, 0);
    const place = { resource: id('press-7'), host: '127.0.0.1', port: controller.port, unit: 1 };
    const values = ['force', 'not_agreed'].map((key) => ({
      ...{ key, table: 'holding-register' as const, address: 0, format: 'uint16' as const },
    }));
    const plant = await aPlant(right, folder.path, true, [{ via: 'modbus', ...place, everyMilliseconds: 100, values }]);
    const got: unknown[] = [];
    await until('the region has it', async () => got.push(...(await region.pulled())) > 0);
    const [batch] = await opened(right, got);
    expect(batch?.batch).toMatchObject({ observations: [{ key: 'force', value: '815' }], dropped: 1 });
    await plant.stop();
    await controller.stop();
  }, 60_000);

  it('sends nothing to an endpoint whose key is not agreed, and keeps what it sealed', async () => {
    using folder = aFolder();
    const right = await aDataRight(thumbprintOf(publicJwkOf(newPrivateKey())));
    await region.serve(right);
    const asked = region.asked();
    const plant = await aPlant(right, folder.path);
    await until('pick-up listens', () => plant.press.listeners() === 1);
    plant.press.say(force(1));
    await until('the refusal is recorded', async () => (await plant.evidence()).length > 1);
    await until('it was tried again', () => spooled(folder.path, right).length === 1);
    expect(await plant.evidence()).toEqual(['flow.opened', 'flow.refused endpoint_not_agreed']);
    expect(region.asked()).toBe(asked);
    expect(await region.pulled()).toEqual([]);
    await plant.stop();
  }, 60_000);

  it('that is cut seals nothing more, sends nothing more and lets go of the machine', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    await region.serve(right);
    const plant = await aPlant(right, folder.path);
    await until('pick-up listens', () => plant.press.listeners() === 1);
    plant.press.say(force(1));
    await until('the first is delivered', async () => (await plant.evidence()).includes('flow.delivered'));
    const act = await revocationOf(right);
    await plant.kept.keeper.takeAct(act);
    plant.press.say(force(2));
    plant.flows.review();
    expect(plant.flows.live).toEqual([]);
    await until('the machine is let go', () => plant.press.listeners() === 0);
    plant.flows.review();
    await until('the cut is recorded', async () => (await plant.evidence()).length >= 4);
    expect(await plant.evidence()).toEqual([
      'flow.opened',
      'flow.delivered',
      'flow.cut taken_away',
      'flow.refused taken_away',
    ]);
    expect(spooled(folder.path, right)).toEqual([]);
    expect(await opened(right, await region.pulled())).toHaveLength(1);
    await plant.stop();
  }, 60_000);

  it('goes on with its sequence and its chain after a restart, puts aside what no region takes, and hands over first what waited', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    const first = await aPlant(right, folder.path);
    await until('pick-up listens', () => first.press.listeners() === 1);
    // The region knows nothing of the flow yet, so the batch waits on the gateway's disk.
    first.press.say(force(1));
    await until('it waits', () => spooled(folder.path, right).length === 1);
    await first.stop();
    const place = join(folder.path, 'flows', right.grant.id);
    // As a gateway sealed it that knew no bound.
    const said = JSON.stringify({ digest: `sha256:${'A'.repeat(43)}`, events: [] });
    writeFileSync(join(place, '000000000001.sealed'), `${said}\n${'x'.repeat(300_000)}`);
    await region.serve(right);
    const second = await aPlant(right, folder.path);
    await until('pick-up listens', () => second.press.listeners() === 1);
    second.press.say(force(2));
    const got: unknown[] = [];
    await until('both are there', async () => got.push(...(await region.pulled())) >= 2);
    const batches = await opened(right, got);
    expect(batches.map(({ batch }) => [batch.sequence, batch.observations[0]?.value])).toEqual([
      [0, '1'],
      [2, '2'],
    ]);
    expect(readFileSync(join(place, '000000000001.aside'))).toHaveLength(300_000 + said.length + 1);
    expect(await second.evidence()).toContain('finding batch_set_aside');
    await second.stop();
  }, 60_000);

  it('is not opened without both sides saying "still agreed" since this start', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    const plant = await aPlant(right, folder.path, false);
    await until('the refusal is recorded', async () => (await plant.evidence()).length > 0);
    expect(await plant.evidence()).toEqual(['flow.refused lease_over']);
    expect([plant.press.listeners(), plant.flows.live]).toEqual([0, []]);
    // Who pushes comes again: with the next beat it opens by itself.
    expect(right.chain.grant.document.resources.map((machine) => plant.flows.opening(machine))).toEqual([true]);
    await plant.stop();
  }, 60_000);

  it('does not start under a lock-out, and ends with one', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    await region.serve(right);
    const plant = await aPlant(right, folder.path);
    await until('pick-up listens', () => plant.press.listeners() === 1);
    plant.switched.set('somebody is inside the press');
    expect(plant.flows.closeAll('lockout')).toBe(1);
    plant.flows.review();
    await until('the machine is let go', () => plant.press.listeners() === 0);
    await until('the refusal is recorded', async () => (await plant.evidence()).includes('flow.refused lockout'));
    expect(plant.flows.live).toEqual([]);
    await plant.stop();
  }, 60_000);

  it('that only one approver of two signed is none', async () => {
    using folder = aFolder();
    const right = await aDataRight(region.endpointKey);
    const half = await oneApprover(right, right.who);
    const plant = await aPlant(half, folder.path);
    await until('the refusal is recorded', async () => (await plant.evidence()).length > 0);
    expect((await plant.evidence())[0]).toMatch(/^flow\.refused /);
    expect(plant.press.listeners()).toBe(0);
    await plant.stop();
  }, 60_000);
});

async function oneApprover(right: Right, who: Partnership): Promise<Right> {
  const signers = [who.technician.signer, who.approver.signer];
  const signatures = await Promise.all(signers.map((signer) => signDocument(right.grant, signer, Date.now())));
  return { ...right, chain: { ...right.chain, grant: { document: right.grant, signatures } } };
}
