import {
  CosignCheckpoint,
  PendingCosignatures,
  ProveAudit,
  QueryAudit,
  ReadCheckpoint,
  ReadTile,
} from '@interlock/contracts';
import { type AgreementId, closedMembers } from '@interlock/domain';
import { newSalt, openRecord, withhold } from '@interlock/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anAgreementId, aRecord, BUYER, connected, STRANGER, VENDOR } from '../test/an-audit.js';
import { type TwoCompanies, twoCompanies } from '../test/two-companies.js';
import { readTileResource } from './commands/read-tile.js';

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
      'own_disclosure',
      'hold',
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

describe('what one company keeps from the other', () => {
  let log: AgreementId;
  beforeEach(async () => {
    log = await world.anAgreement();
  });
  const SECRET = 'the fitter is inside the press';
  const lockout = () =>
    aRecord({
      ...{ log, kind: 'lockout.set', outcome: 'cut', subject: null, resource: null },
      ...{ belongsTo: BUYER, internalReason: SECRET },
    });
  const rows = async (organisation: typeof BUYER, filter: object = {}) =>
    (await world.rowsOf(organisation, { log, ...filter })).rows;
  const disclosuresFor = (organisation: typeof BUYER) =>
    world.audit.run(async (tx) => {
      const read = await readTileResource(tx, { organisation, log, path: 'tile/disclosures/000.p/1' });
      if (!read.allowed) throw new Error(read.refusal.code);
      return Buffer.from(read.value.body, 'base64').toString('utf8');
    });

  it('is read by the company it belongs to, and the other sees whose it is and its digest alone, in every way it can read the log', async () => {
    await world.audit.say(lockout());
    await world.settle();
    const [own] = await rows(BUYER);
    const [others] = await rows(VENDOR);
    expect(own?.record).toEqual(others?.record);
    expect(openRecord(own?.record ?? aRecord(), own?.opened)).toMatchObject({ value: { internalReason: SECRET } });
    expect(others).not.toHaveProperty('opened');
    expect(others?.record).toMatchObject({
      belongsTo: BUYER,
      withheld: { internalReason: expect.stringMatching(/^sha256:/) },
    });
    expect(others && closedMembers(others.record)).toEqual(['internalReason']);
    // The tile of disclosures, from which copies, exports and reports of a whole log are made.
    expect(await disclosuresFor(BUYER)).toContain(own?.opened?.[0]);
    expect(await disclosuresFor(VENDOR)).toBe('null\n');
    // No word of it finds the record, for nobody: an answer would tell what it says.
    for (const organisation of [BUYER, VENDOR]) expect(await rows(organisation, { text: 'fitter' })).toEqual([]);
    expect(JSON.stringify(await rows(VENDOR))).not.toContain('fitter');
  });

  it('is kept from the other by the row-level security of its table, whatever is asked', async () => {
    await world.audit.say(lockout());
    const seen = async (organisation: string) =>
      world.audit.run(async (tx) => {
        await tx.actFor(organisation as typeof BUYER);
        return (await tx.query('select from own_disclosure')).length > 0;
      });
    expect([await seen(BUYER), await seen(VENDOR), await seen(STRANGER)]).toEqual([true, false, false]);
    const owner = await connected(world.audit.database.urlFor('audit'));
    expect((await owner.query('select from own_disclosure')).rowCount).toBe(0);
    await owner.query(`select set_config('interlock.organisation', '*', false)`);
    await expect(owner.query('update own_disclosure set organisation = $1', [VENDOR])).rejects.toThrow('never changed');
    await owner.end();
  });

  it.each([
    ['by a kind that is not declared to', () => ({ ...lockout(), kind: 'session.opened' as const })],
    ['for another company than its kind is declared to', () => ({ ...lockout(), belongsTo: VENDOR })],
    ['for nobody', () => ({ ...lockout(), belongsTo: undefined })],
    ['that is not there', () => ({ ...lockout(), internalReason: undefined })],
  ])('is parked where something is kept %s', async (_why, said) => {
    const { internalReason, ...record } = said();
    await world.audit.say(JSON.parse(JSON.stringify({ ...record, internalReason })));
    await world.settle();
    expect(await rows(BUYER)).toEqual([]);
  });

  it('is parked where it would lie with what both read', async () => {
    const { record, own } = withhold(lockout(), newSalt);
    const writer = await connected(world.audit.database.urlFor('federation-api'));
    await writer.query('select evidence.append($1, $2)', [JSON.stringify(record), JSON.stringify(own)]);
    await writer.end();
    await world.settle();
    expect(await rows(VENDOR)).toEqual([]);
  });
});
