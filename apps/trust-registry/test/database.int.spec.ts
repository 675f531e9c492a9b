import { DiscardDraft, KeepDraft, ListDrafts } from '@interlock/contracts';
import { AGREEMENT_TRANSITIONS, type Agreement, type AgreementStatus, type OrganisationId } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { anAgreement, BUYER, bothSign, NOW, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAgreementId, aRegisteredPair, type RegisteredPair } from './a-registered-pair.js';
import { aRegistry, codeOf, type Registry } from './a-registry.js';

describe('the database of the registry', () => {
  let registry: Registry;
  let pair: RegisteredPair;
  beforeAll(async () => {
    registry = await aRegistry(NOW);
    pair = await aRegisteredPair(registry);
  }, 60_000);
  afterAll(() => registry?.stop());

  it('knows the same moves as the rule', async () => {
    const rows = await registry.database.query<{ from_status: string; to_status: string }>(
      `select from_status, to_status from trust_registry.agreement_moves where from_status <> 'none'`,
    );
    const inCode = Object.entries(AGREEMENT_TRANSITIONS).flatMap(([from, to]) => to.map((one) => `${from} ${one}`));
    expect(rows.map((row) => `${row.from_status} ${row.to_status}`).sort()).toEqual(inCode.sort());
  });

  it('refuses every move that the rule does not have, and no other', async () => {
    const { document } = await bothSign(pair.who, await pair.activated());
    await pair.propose({ ...document, version: 2, previous: digestOf(document), endsAt: NOW + 5 });
    const all = (Object.keys(AGREEMENT_TRANSITIONS) as AgreementStatus[]).filter((one) => one !== 'draft');
    const moved = async (from: AgreementStatus, to: AgreementStatus): Promise<boolean> => {
      const start = ['proposed', 'countersigned', 'refused'].includes(from) ? 'proposed' : 'active';
      const walk = [start, ...(from === start ? [] : [from]), to];
      const steps = walk.slice(1).map((next, at) => {
        const where = `where id = '${document.id}' and status = '${walk[at]}'`;
        return `update agreements set status = '${next}' ${where}; if not found then raise exception 'no such row'; end if;`;
      });
      // Only one version counts at a time. Undone each time, whatever became of it.
      const alone = `update agreements set status = 'ended' where id = '${document.id}' and version = 1;`;
      const statement = `do $$ begin ${start === 'proposed' ? alone : ''} ${steps.join(' ')} raise exception 'got through'; end $$`;
      const said = await registry.asService(statement, '*').catch((error: unknown) => String(error));
      expect(String(said)).not.toContain('no such row');
      return String(said).includes('got through');
    };
    const found: string[] = [];
    for (const from of all)
      for (const to of all) if (from !== to && (await moved(from, to))) found.push(`${from} ${to}`);
    const rule = Object.entries(AGREEMENT_TRANSITIONS).flatMap(([from, to]) => to.map((one) => `${from} ${one}`));
    expect(found.sort()).toEqual(rule.filter((one) => !one.startsWith('draft ')).sort());
  });

  it('refuses every move of a draft but to be proposed as it was kept, and shows it to its author alone', async () => {
    const agreement = anAgreement(pair.who, { id: anAgreementId() });
    await registry.ask(KeepDraft, { organisation: BUYER, agreement });
    const insert = (status: string) =>
      `insert into drafts (organisation, agreement_id, version, digest, status, kept_at, body) values ('${BUYER}', 'x', 1, 'x', '${status}', 1, '{}')`;
    const proposed = `update drafts set status = 'proposed' where agreement_id = '${agreement.id}'`;
    for (const to of Object.keys(AGREEMENT_TRANSITIONS)) {
      const moved = registry.asService(
        `update drafts set status = '${to}' where agreement_id = '${agreement.id}'`,
        BUYER,
      );
      if (to === 'draft' || to === 'proposed') await moved;
      else await expect(moved).rejects.toThrow();
      if (to !== 'draft') {
        await expect(registry.asService(insert(to), BUYER)).rejects.toThrow();
        await expect(registry.asService(`${proposed}; update drafts set status = '${to}'`, BUYER)).rejects.toThrow();
      }
    }
    await expect(registry.asService(`${proposed}, body = '{}'`, BUYER)).rejects.toThrow();
    await expect(registry.asService(`${proposed}; delete from drafts`, BUYER)).rejects.toThrow();
    await expect(registry.asService(`update agreements set status = 'draft'`, '*')).rejects.toThrow();
    const seen = async (organisation?: string) =>
      (await registry.asService('select * from drafts', organisation)).length;
    expect([await seen(), await seen('*'), await seen(VENDOR), await seen(BUYER)]).toEqual([0, 0, 0, 1]);
  });

  it('keeps a draft for its author, moves it when it is proposed, and then takes no other under its number', async () => {
    const agreement = anAgreement(pair.who, { id: anAgreementId() });
    const keep = async (over: Partial<Agreement> = {}, organisation: OrganisationId = VENDOR) =>
      registry.ask(KeepDraft, { organisation, agreement: { ...agreement, ...over } });
    const drafts = async (organisation: OrganisationId) =>
      (await registry.ask(ListDrafts, { organisation })).drafts.filter((one) => one.id === agreement.id);
    const discard = async (organisation: OrganisationId) =>
      codeOf(await registry.ask(DiscardDraft, { organisation, id: agreement.id, version: 1 }));
    expect(await keep({ endsAt: NOW + 5 })).toMatchObject({ allowed: true, value: { status: 'draft' } });
    expect(await keep()).toMatchObject({ allowed: true, value: { digest: digestOf(agreement) } });
    expect([await drafts(VENDOR), await drafts(BUYER)]).toMatchObject([[{ version: 1 }], []]);
    expect(codeOf(await keep({}, 'stranger.example' as OrganisationId))).toBe('not_a_party');
    expect([await discard(BUYER), await discard(VENDOR), await discard(VENDOR)]).toEqual([
      'not_a_party',
      'allowed',
      'not_a_party',
    ]);
    await keep();
    await keep({}, BUYER);
    expect(await pair.statusOf(agreement.id)).toBeUndefined();
    expect(await registry.evidence(agreement.id)).toEqual([]);
    expect(codeOf(await pair.propose(agreement))).toBe('allowed');
    expect([await drafts(VENDOR), await drafts(BUYER)]).toMatchObject([
      [{ status: 'proposed' }],
      [{ status: 'draft' }],
    ]);
    expect([codeOf(await keep()), codeOf(await keep({}, BUYER)), await discard(VENDOR)]).toEqual([
      'illegal_transition',
      'version_superseded',
      'not_a_party',
    ]);
  });

  it.each([
    ['an illegal move', `update agreements set status = 'proposed' where status = 'active'`],
    ['a move to nowhere', `update agreements set status = 'forgotten' where status = 'active'`],
    ['another text', `update agreements set body = '{}'`],
    ['a deletion', `delete from agreements`],
    ['another signature', `update signatures set body = '{}'`],
    ['a lost act', `delete from acts`],
    ['another entity document', `update entities set body = '{}'`],
    ['one more move', `insert into agreement_moves values ('ended', 'active')`],
  ])('refuses %s of its own service', async (_what, statement) => {
    const agreement = await bothSign(pair.who, await pair.activated());
    const second = { ...agreement.document, version: 2, previous: digestOf(agreement.document), endsAt: NOW + 5 };
    await pair.propose(second);
    await expect(registry.asService(statement, '*')).rejects.toThrow();
  });

  it('shows an organisation its own agreements, and nobody anything before it is named', async () => {
    const agreement = await pair.activated();
    const count = async (organisation?: string) =>
      (await registry.asService(`select id from agreements where id = '${agreement.id}'`, organisation)).length;
    expect([await count(), await count(BUYER), await count(VENDOR), await count('renewing.example')]).toEqual([
      0, 1, 1, 0,
    ]);
    for (const table of ['agreements', 'signatures', 'acts', 'organisations', 'entities', 'certificates']) {
      expect(await registry.asService(`select * from ${table}`)).toEqual([]);
    }
  });
});
