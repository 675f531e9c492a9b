import { CosignCheckpoint, ProveAudit, ReadCheckpoint } from '@interlock/contracts';
import {
  canonicalBytes,
  cosign,
  formatSignatureLine,
  formatTlogProof,
  hashLeaf,
  parseCheckpoint,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyTlogProof,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRecord, aWitness, BUYER, ORIGIN, VENDOR } from '../../test/an-audit.js';
import { bytes, type TwoCompanies, twoCompanies } from '../../test/two-companies.js';

let world: TwoCompanies;
beforeAll(async () => {
  world = await twoCompanies();
}, 60_000);
afterAll(() => world.stop());

describe('both companies', () => {
  it('cosign the same history, and each proves every row to itself', async () => {
    const log = await world.anAgreement();
    for (let i = 0; i < 5; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    expect(await world.cosignAll(world.vendor, log)).toEqual([]);
    expect(await world.cosignAll(world.buyer, log)).toEqual([]);
    for (let i = 0; i < 4; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    expect([...(await world.cosignAll(world.vendor, log)), ...(await world.cosignAll(world.buyer, log))]).toEqual([]);
    for (const organisation of [VENDOR, BUYER]) {
      const answer = await world.rowsOf(organisation, { log });
      expect(answer.rows.map((row) => row.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      const checkpoint = verifyCheckpoint(answer.checkpoint, world.trustOf(log));
      expect(checkpoint).toMatchObject({
        allowed: true,
        value: { checkpoint: { size: 9, origin: `${ORIGIN}/${log}` } },
      });
      for (const { index, record, proof } of answer.rows) {
        const receipt = formatTlogProof({ index, path: proof.map(bytes), checkpoint: answer.checkpoint });
        expect(verifyTlogProof(receipt, canonicalBytes(record), world.trustOf(log)).allowed).toBe(true);
      }
    }
  });

  it('see since when a witness has been silent, and lose nothing by it', async () => {
    const log = await world.anAgreement();
    await world.audit.append(aRecord({ log }));
    world.audit.clock.advance(1_000);
    const silentSince = world.audit.clock.now();
    await world.settle();
    await world.cosignAll(world.vendor, log);
    world.audit.clock.advance(60_000);
    await world.audit.append(aRecord({ log }));
    await world.settle();
    await world.cosignAll(world.vendor, log);
    const ask = { organisation: BUYER, log } as const;
    const newest = await world.ask(ReadCheckpoint, { ...ask, which: 'newest' });
    expect(newest).toMatchObject({
      allowed: true,
      value: {
        treeSize: 2,
        witnesses: [
          { organisation: VENDOR, cosignedSize: 2, behindSince: null },
          { organisation: BUYER, cosignedSize: 0, cosignedAt: null, behindSince: silentSince },
        ],
      },
    });
    expect(await world.ask(ReadCheckpoint, { ...ask, which: 'cosigned' })).toMatchObject({
      allowed: true,
      value: { treeSize: 0, checkpoint: '' },
    });
    expect(await world.cosignAll(world.buyer, log)).toEqual([]);
    const cosigned = await world.ask(ReadCheckpoint, { ...ask, which: 'cosigned' });
    expect(cosigned.allowed && verifyCheckpoint(cosigned.value.checkpoint, world.trustOf(log)).allowed).toBe(true);
  });

  it('say of each entry between which two of them it came, whatever was signed and not cosigned in between', async () => {
    const log = await world.anAgreement();
    const grow = async (by: number, ...witnesses: readonly (typeof world.vendor)[]) => {
      for (let i = 0; i < by; i += 1) await world.audit.append(aRecord({ log }));
      await world.settle();
      for (const witness of witnesses) await world.cosignAll(witness, log);
    };
    await grow(2, world.vendor);
    await grow(2);
    await grow(2, world.vendor, world.buyer);
    await grow(1);
    const beside = async (index: number) => {
      const sizes = [];
      for (const which of ['before', 'covering'] as const) {
        const reply = await world.ask(ReadCheckpoint, { organisation: BUYER, log, which, index });
        sizes.push(reply.allowed && reply.value.treeSize);
      }
      return sizes;
    };
    expect(await Promise.all([0, 1, 2, 5, 6].map(beside))).toEqual([
      [0, 2],
      [0, 2],
      [2, 6],
      [2, 6],
      [6, 0],
    ]);
  });

  it('are proved old and new size by the log itself', async () => {
    const log = await world.anAgreement();
    for (let i = 0; i < 3; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    for (let i = 0; i < 4; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    const at = async (treeSize?: number, oldSize?: number) => {
      const reply = await world.ask(ProveAudit, {
        organisation: VENDOR,
        log,
        indexes: [0, 2],
        ...(treeSize ? { treeSize } : {}),
        ...(oldSize ? { oldSize } : {}),
      });
      if (!reply.allowed) throw new Error(reply.refusal.code);
      const parsed = parseCheckpoint(reply.value.checkpoint);
      if (!parsed.allowed) throw new Error(parsed.refusal.code);
      return { ...reply.value, root: parsed.value.checkpoint.root };
    };
    const [old, now] = [await at(3), await at(undefined, 3)];
    expect([old.treeSize, now.treeSize]).toEqual([3, 7]);
    for (const answer of [old, now])
      for (const { index, record, proof } of answer.inclusion) {
        const hash = hashLeaf(canonicalBytes(record));
        expect(verifyInclusion(index, answer.treeSize, hash, proof.map(bytes), answer.root).allowed).toBe(true);
      }
    expect(verifyConsistency(3, 7, old.root, now.root, (now.consistency ?? []).map(bytes)).allowed).toBe(true);
  });
});

describe('a cosignature is refused', () => {
  it.each([
    [
      'of the other side',
      (text: string) => formatSignatureLine(cosign(text, world.buyer.key, world.buyer.privateKey, 1)),
      'unknown_key',
    ],
    ['of a key nobody certified', (text: string) => forged(text), 'unknown_key'],
    [
      'over another text',
      () => formatSignatureLine(cosign('other\n', world.vendor.key, world.vendor.privateKey, 1)),
      'bad_signature',
    ],
    ['that is no line', () => 'garbage', 'malformed'],
  ])('%s', async (_why, make, code) => {
    const log = await world.anAgreement();
    await world.audit.append(aRecord({ log }));
    await world.settle();
    const newest = await world.ask(ReadCheckpoint, { organisation: VENDOR, log, which: 'newest' });
    const note = newest.allowed ? newest.value.checkpoint : '';
    const line = make(note.slice(0, note.indexOf('\n\n') + 1));
    const ask = { organisation: VENDOR, log, size: 1, line };
    expect(await world.ask(CosignCheckpoint, ask)).toMatchObject({ refusal: { code } });
  });
  function forged(text: string): string {
    const other = aWitness(VENDOR);
    return formatSignatureLine(cosign(text, other.key, other.privateKey, 1));
  }
});
