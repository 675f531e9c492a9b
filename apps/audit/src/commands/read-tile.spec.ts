import type { Tx } from '@interlock/chassis/db';
import { evidenceRecord, ReadTile } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import {
  appendLeaves,
  canonicalBytes,
  emptyFrontier,
  frontierRoot,
  hashLeaf,
  parseCheckpoint,
  verifyInclusion,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRecord, STRANGER, VENDOR } from '../../test/an-audit.js';
import { bytes, type TwoCompanies, twoCompanies } from '../../test/two-companies.js';
import { prove } from './prove.js';

let world: TwoCompanies;
beforeAll(async () => {
  world = await twoCompanies();
}, 60_000);
afterAll(() => world.stop());

describe('a static reader', () => {
  it('rebuilds the root from tiles and entry bundles alone, and is proved any leaf in one look at the database', async () => {
    const log = await world.anAgreement();
    const size = 300;
    for (let i = 0; i < size; i += 1) await world.audit[i % 2 === 0 ? 'say' : 'append'](aRecord({ log }));
    await world.settle();
    const read = async (path: string) => {
      const reply = await world.ask(ReadTile, { organisation: VENDOR, log, path });
      return reply.allowed ? Buffer.from(reply.value.body, 'base64') : reply.refusal.code;
    };
    const parsed = parseCheckpoint(String(await read('checkpoint')));
    const hashes = Buffer.concat([(await read('tile/0/000')) as Buffer, (await read('tile/0/001.p/44')) as Buffer]);
    const entries = Buffer.concat([
      (await read('tile/entries/000')) as Buffer,
      (await read('tile/entries/001.p/44')) as Buffer,
    ]);
    const beside = String(await read('tile/disclosures/001.p/44')).split('\n');
    expect(beside.slice(0, 2)).toEqual([expect.stringMatching(/^\["[\w-]+"\]$/), 'null']);
    expect(beside).toHaveLength(45);
    const leaves = [];
    for (let at = 0; at < entries.length; ) {
      const length = entries.readUInt16BE(at);
      const entry = entries.subarray(at + 2, at + 2 + length);
      expect(evidenceRecord.safeParse(JSON.parse(entry.toString())).success).toBe(true);
      leaves.push(hashLeaf(entry));
      at += 2 + length;
    }
    expect(Buffer.concat(leaves).equals(hashes)).toBe(true);
    const root = frontierRoot(appendLeaves(emptyFrontier(), leaves));
    expect(parsed.allowed && Buffer.from(parsed.value.checkpoint.root).equals(root)).toBe(true);
    const above = (await read('tile/1/000.p/1')) as Buffer;
    expect(above.equals(frontierRoot(appendLeaves(emptyFrontier(), leaves.slice(0, 256))))).toBe(true);
    for (const path of ['tile/0/001', 'tile/0/001.p/45', 'tile/0/002.p/1', 'tile/2/000.p/1'])
      expect([path, await read(path)]).toEqual([path, 'not_a_party']);
    for (const path of [
      '',
      'tile/0/1',
      'tile/00/000',
      'tile/0/x000/001',
      'tile/0/000.p/0',
      'tile/64/000',
      '../checkpoint',
      'tile/0/000.p/256',
    ])
      expect([path, await read(path)]).toEqual([path, 'not_a_party']);

    // The same log: a full tile, one that grows, and the leaf at the very edge of the tree.
    let looks = 0;
    const proven = (organisation: OrganisationId, indexes: number[], treeSize?: number) =>
      world.audit.run((tx) => {
        looks = 0;
        const query: Tx['query'] = (sql, parameters) => {
          looks += 1;
          return tx.query(sql, parameters);
        };
        return prove(Object.assign(Object.create(tx), { query }) as Tx, {
          ...{ organisation, log, indexes, ...(treeSize !== undefined && { treeSize }) },
        });
      });
    const proof = await proven(VENDOR, [0, 17, 255, 256, 299]);
    if (!proof.allowed) throw new Error(proof.refusal.code);
    expect(looks).toBe(1);
    for (const { index, record, proof: path } of proof.value.inclusion) {
      const leaf = hashLeaf(canonicalBytes(record));
      expect([index, verifyInclusion(index, size, leaf, path.map(bytes), root).allowed]).toEqual([index, true]);
    }
    expect(await proven(STRANGER, [0])).toMatchObject({ allowed: false, refusal: { code: 'not_a_party' } });
    expect(await proven(VENDOR, [300])).toMatchObject({ allowed: false, refusal: { code: 'malformed' } });
    expect(await proven(VENDOR, [0], 299)).toMatchObject({ allowed: false, refusal: { code: 'malformed' } });
  });
});
