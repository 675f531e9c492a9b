import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepingJournal, keptTime, NDJSON, openKeptBatches, openObjects } from '@interlock/client';
import type { Act, Agreement, Digest, LocalId, Signed } from '@interlock/domain';
import { type OpenedBatch, type Signer, signed, trust } from '@interlock/proof';
import { aRight, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { VerifiedAgreement } from '../agreement/verified-agreement.js';
import { eraseDue } from './keep-data.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const right = await aRight();
const { entities, certificates } = right.chain;
const trusted = await trust(entities, certificates, right.who.pins, NOW);
if (!trusted.allowed) throw new Error(trusted.refusal.code);
const retrieval = { type: 'notice', terminateSeconds: 0, retrievalSeconds: 3_600 } as const;
const agreement: Agreement = { ...right.agreement, terms: [...right.agreement.terms, retrieval] };

const agreed = (acts: readonly Signed<Act>[] = []): VerifiedAgreement => ({
  ...{ agreement, ring: trusted.value, acts: [...acts] },
  documents: { entities, certificates, agreement: right.chain.agreement },
});
const ended = (by: Signer, organisation = VENDOR, issuedAt = NOW): Promise<Signed<Act>> => {
  const act: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation, agreementId: agreement.id },
    target: { kind: 'agreement', id: agreement.id },
    ...{ reason: 'it is over', lifts: null, sequence: 1, previous: null, issuedAt },
  };
  return signed(act, by, NOW);
};
const batch = (sequence: number): OpenedBatch => ({
  digest: `sha256:${'b'.repeat(42)}${sequence}` as Digest,
  batch: {
    ...{ agreement: 'sha256:agr' as Digest, grant: 'sha256:grt' as Digest, flow: 'grt_a', sequence, previous: null },
    ...{
      gateway: { organisation: BUYER, id: right.who.gateway.id },
      machine: { owner: BUYER, id: 'press-7' as LocalId },
    },
    ...{
      presenter: null,
      product: 'press-telemetry' as LocalId,
      region: 'eu-1' as LocalId,
      recipients: [],
      dropped: 0,
    },
    ...{ receivedAt: NOW, sealedAt: NOW, observations: [{ at: '2026-06-01T12:00:00Z', key: 'force', value: '1' }] },
  },
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-erase-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function aStore() {
  const kept = openKeptBatches(join(folder, 'batches'));
  for (const one of [batch(0), batch(1)]) kept.keep(one, NOW);
  const objects = openObjects(join(folder, 'objects'), kept, NDJSON);
  objects.write();
  return { kept, objects, journal: keepingJournal(folder) };
}
const agent = right.who.vendorAgent.signer;

describe('what a recipient received', () => {
  it('goes from every store once the agreement has ended and its retrieval is over, and it is written down what went', async () => {
    const store = aStore();
    const over = agreed([await ended(agent)]);
    expect(await eraseDue(store, agreed(), VENDOR, NOW + 2 * HOUR)).toHaveLength(0);
    expect(await eraseDue(store, over, VENDOR, NOW)).toHaveLength(0);
    expect(await eraseDue(store, over, VENDOR, NOW + HOUR - 1)).toHaveLength(0);
    expect(await eraseDue(store, over, VENDOR, NOW + HOUR)).toHaveLength(2);
    expect([store.kept.count, readdirSync(join(folder, 'objects'))]).toEqual([0, []]);
    expect(readFileSync(join(folder, 'keeping.ndjson'), 'utf8')).not.toContain('force');
    expect(store.journal.lines()).toEqual([
      { kind: 'erased', at: NOW + HOUR, cause: 'ended', batches: [batch(0).digest, batch(1).digest] },
    ]);
  });

  it('stays with the owner of the machine: it is his own', async () => {
    const store = aStore();
    const over = agreed([await ended(agent)]);
    await eraseDue(store, over, BUYER, NOW);
    expect(await eraseDue(store, over, BUYER, NOW + HOUR)).toHaveLength(0);
  });

  it('is not taken by an end that nobody of the parties signed, nor sooner by one that is dated back', async () => {
    const store = aStore();
    const forged = await ended(right.who.technician.signer);
    expect(await eraseDue(store, agreed([forged]), VENDOR, NOW + 2 * HOUR)).toHaveLength(0);
    const early = agreed([await ended(right.who.buyerAgent.signer, BUYER, NOW - DAY)]);
    expect(await eraseDue(store, early, VENDOR, NOW)).toHaveLength(0);
    expect(await eraseDue(store, early, VENDOR, NOW + HOUR)).toHaveLength(2);
  });

  it('is kept by the newest version that was ever shown here, and every end: an older one, or one left out, lengthens nothing', async () => {
    const store = aStore();
    const shorter = agreement.terms.map((term) =>
      term.type === 'data-collection' ? { ...term, retentionSeconds: 60 } : term,
    );
    const newer = { ...agreed(), agreement: { ...agreement, version: 2, terms: shorter } };
    expect(await eraseDue(store, newer, BUYER, NOW)).toHaveLength(0);
    // The broker shows version 1 again, which let it be kept a day.
    expect(await eraseDue(store, agreed(), BUYER, NOW + 59_999)).toHaveLength(0);
    expect(await eraseDue({ ...store, journal: keepingJournal(folder) }, agreed(), BUYER, NOW + 60_000)).toHaveLength(
      2,
    );
  });

  it('is kept by an end that was shown once, although nobody shows it again', async () => {
    const store = aStore();
    await eraseDue(store, agreed([await ended(agent)]), VENDOR, NOW);
    expect(await eraseDue(store, agreed(), VENDOR, NOW + HOUR - 1)).toHaveLength(0);
    expect(await eraseDue(store, agreed(), VENDOR, NOW + HOUR)).toHaveLength(2);
  });

  it('is kept by the newest version and by every end where an older version comes with another end', async () => {
    const store = aStore();
    const first = { ...agreed([await ended(agent)]), agreement: { ...agreement, version: 2 } };
    await eraseDue(store, first, VENDOR, NOW);
    await eraseDue(store, agreed([await ended(right.who.buyerAgent.signer, BUYER)]), VENDOR, NOW + 1);
    const { agreement: kept, ends } = keepingJournal(folder).newest(agreement, []);
    expect([kept.version, ends.length]).toEqual([2, 2]);
  });

  it('is held by a hold of the other side on the log, and goes when that is lifted', async () => {
    const store = aStore();
    const over = agreed([await ended(agent)]);
    await eraseDue(store, over, VENDOR, NOW);
    expect(await eraseDue(store, over, VENDOR, NOW + DAY, [BUYER])).toHaveLength(0);
    expect(await eraseDue(store, over, VENDOR, NOW + DAY, [])).toHaveLength(2);
  });

  it('is kept by a clock that only goes on: put back it lengthens nothing, put forward it takes nothing', () => {
    const clock = { wall: NOW, monotonic: 0 };
    const started = () =>
      keptTime(
        folder,
        () => clock.wall,
        () => clock.monotonic,
      );
    const time = started();
    Object.assign(clock, { wall: NOW + HOUR, monotonic: HOUR });
    expect(time.now()).toBe(NOW + HOUR);
    clock.wall = NOW - DAY;
    expect([time.now(), started().now()]).toEqual([NOW + HOUR, NOW + HOUR]);
    Object.assign(clock, { wall: NOW + 30 * DAY });
    expect(time.now()).toBeUndefined();
    Object.assign(clock, { wall: NOW + 2 * HOUR, monotonic: 2 * HOUR });
    expect(time.now()).toBe(NOW + 2 * HOUR);
  });

  it('is held: nothing goes while it is, whatever is over, and all of it once it is lifted', async () => {
    const store = aStore();
    const over = agreed([await ended(agent)]);
    await eraseDue(store, over, VENDOR, NOW);
    store.journal.set({ reason: 'a dispute', since: NOW });
    expect(await eraseDue(store, over, VENDOR, NOW + DAY)).toHaveLength(0);
    // Set by another process, and known after a restart.
    expect(keepingJournal(folder).hold).toEqual({ reason: 'a dispute', since: NOW });
    store.journal.lift(NOW + DAY, 'settled');
    expect(await eraseDue(store, over, VENDOR, NOW + DAY)).toHaveLength(2);
    expect(store.journal.lines().map(({ kind }) => kind)).toEqual(['held', 'lifted', 'erased']);
  });
});
