import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepingJournal, NDJSON, openKeptBatches, openObjects } from '@interlock/client';
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
    expect(await eraseDue(store, agreed(), VENDOR, NOW + 2 * HOUR)).toBe(0);
    expect(await eraseDue(store, over, VENDOR, NOW)).toBe(0);
    expect(await eraseDue(store, over, VENDOR, NOW + HOUR - 1)).toBe(0);
    expect(await eraseDue(store, over, VENDOR, NOW + HOUR)).toBe(2);
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
    expect(await eraseDue(store, over, BUYER, NOW + HOUR)).toBe(0);
  });

  it('is not taken by an end that nobody of the parties signed, nor sooner by one that is dated back', async () => {
    const store = aStore();
    const forged = await ended(right.who.technician.signer);
    expect(await eraseDue(store, agreed([forged]), VENDOR, NOW + 2 * HOUR)).toBe(0);
    const early = agreed([await ended(right.who.buyerAgent.signer, BUYER, NOW - DAY)]);
    expect(await eraseDue(store, early, VENDOR, NOW)).toBe(0);
    expect(await eraseDue(store, early, VENDOR, NOW + HOUR)).toBe(2);
  });

  it('is held: nothing goes while it is, whatever is over, and all of it once it is lifted', async () => {
    const store = aStore();
    const over = agreed([await ended(agent)]);
    await eraseDue(store, over, VENDOR, NOW);
    store.journal.set({ reason: 'a dispute', since: NOW });
    expect(await eraseDue(store, over, VENDOR, NOW + DAY)).toBe(0);
    // Set by another process, and known after a restart.
    expect(keepingJournal(folder).hold).toEqual({ reason: 'a dispute', since: NOW });
    store.journal.lift(NOW + DAY, 'settled');
    expect(await eraseDue(store, over, VENDOR, NOW + DAY)).toBe(2);
    expect(store.journal.lines().map(({ kind }) => kind)).toEqual(['held', 'lifted', 'erased']);
  });
});
