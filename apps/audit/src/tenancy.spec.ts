import {
  CosignCheckpoint,
  PendingCosignatures,
  ProveAudit,
  QueryAudit,
  ReadCheckpoint,
  ReadTile,
} from '@interlock/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAgreementId, aRecord, STRANGER, VENDOR } from '../test/an-audit.js';
import { type TwoCompanies, twoCompanies } from '../test/two-companies.js';

let world: TwoCompanies;
beforeAll(async () => {
  world = await twoCompanies();
}, 60_000);
afterAll(() => world.stop());

describe('nobody else', () => {
  it('reads a log, learns that it exists, or cosigns it', async () => {
    const log = await world.anAgreement();
    await world.audit.append(aRecord({ log }));
    await world.settle();
    for (const name of [log, anAgreementId()]) {
      expect(await world.query(STRANGER, { log: name })).toEqual({ allowed: false, refusal: { code: 'not_a_party' } });
      const ask = { organisation: STRANGER, log: name };
      for (const reply of [
        await world.ask(ProveAudit, { ...ask, indexes: [0] }),
        await world.ask(ReadCheckpoint, { ...ask, which: 'newest' }),
        await world.ask(ReadTile, { ...ask, path: 'checkpoint' }),
        await world.ask(CosignCheckpoint, { ...ask, size: 1, line: '\n' }),
      ])
        expect(reply).toEqual({ allowed: false, refusal: { code: 'not_a_party' } });
    }
    const pending = { organisation: STRANGER, limit: 50 };
    expect(await world.ask(PendingCosignatures, pending)).toEqual({ checkpoints: [] });
  });

  it('sees one row of any table, whatever statement a mistaken handler would send', async () => {
    const log = await world.anAgreement();
    await world.audit.append(aRecord({ log }));
    await world.settle();
    await world.cosignAll(world.vendor, log);
    const tables = [
      'log',
      'appended',
      'pending',
      'entry',
      'tile',
      'checkpoint',
      'party',
      'witness',
      'cosignature',
      'parked',
    ];
    for (const organisation of [STRANGER, '', undefined])
      for (const table of tables) {
        const rows = await world.audit.run(async (tx) => {
          if (organisation !== undefined) await tx.actFor(organisation);
          return tx.query(`select * from ${table}`);
        });
        expect([table, rows]).toEqual([table, []]);
      }
    const own = await world.audit.run(async (tx) => {
      await tx.actFor(VENDOR);
      return tx.query<{ log: string }>('select distinct log from appended');
    });
    expect(own.map((row) => row.log)).toContain(log);
  });

  it('of another service asks for a company', async () => {
    const log = await world.anAgreement();
    await expect(
      world.registry.wiring.requests.ask(
        QueryAudit,
        { organisation: VENDOR, filter: { log, limit: 1 } },
        { key: 'idk-of-registry' },
      ),
    ).rejects.toThrow('could not be completed');
  });
});
