import {
  KeepGatewayReport,
  ProposeAgreement,
  PublishCertificates,
  PublishEntity,
  ReadKeys,
  ReadPublished,
} from '@interlock/contracts';
import { type Agreement, type EntityDocument, lastVersionOf } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { aCompany, anAgreement, BUYER, NOW, type Partnership, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAgreementId, aRegisteredPair, type RegisteredPair } from './a-registered-pair.js';
import { aRegistry, codeOf, type Registry } from './a-registry.js';

describe('the registry', () => {
  let registry: Registry;
  let pair: RegisteredPair;
  let who: Partnership;

  beforeAll(async () => {
    registry = await aRegistry(NOW);
    pair = await aRegisteredPair(registry);
    who = pair.who;
  }, 60_000);
  afterAll(() => registry?.stop());

  describe('what organisations publish', () => {
    it('keeps a name for the root that came first', async () => {
      const impostor = await aCompany(BUYER, NOW);
      expect(codeOf(await registry.ask(PublishEntity, { entity: impostor.entity }))).toBe('root_mismatch');
      const read = await registry.ask(ReadPublished, { root: who.buyer.pin });
      expect(read).toMatchObject({ allowed: true, value: { entities: [who.buyer.entity] } });
      expect(codeOf(await registry.ask(ReadPublished, { root: impostor.pin }))).toBe('not_a_party');
    });

    it('takes the next version from the same root only in its place, and drops what it no longer carries', async () => {
      const company = await aCompany('renewing.example', NOW);
      const { organisation } = company;
      await registry.ask(PublishEntity, { entity: company.entity });
      const agent = await company.holder('agent', 'agent', ['call']);
      await registry.ask(PublishCertificates, { organisation, certificates: [agent.certificate] });
      const next = { ...company.entity.document, sequence: 2, previous: digestOf(company.entity.document) };
      const publish = async (document: typeof next) =>
        codeOf(await registry.ask(PublishEntity, { entity: await signed(document, company.root, NOW) }));
      expect(await publish({ ...next, sequence: 3 })).toBe('reference_dangling');
      expect(await publish({ ...next, previous: digestOf('another') as never })).toBe('reference_dangling');
      expect(await publish({ ...next, sequence: 1, name: 'Another' })).toBe('entity_fork');
      expect(await publish({ ...next, expiresAt: next.issuedAt + 91 * 86_400_000 })).toBe('entity_too_long');
      expect((await registry.ask(ReadKeys, { organisation })).keys?.certificates).toHaveLength(1);
      expect(await publish({ ...next, keys: next.keys.filter((key) => !key.purposes.includes('certify')) })).toBe(
        'allowed',
      );
      expect((await registry.ask(ReadKeys, { organisation })).keys?.certificates).toEqual([]);
    });

    it('lets the root be followed by the one it named, and finds the organisation by either', async () => {
      const company = await aCompany('following.example', NOW);
      const [next, thief] = [await aCompany('following.example', NOW), await aCompany('following.example', NOW)];
      const { organisation, entity, root } = company;
      await registry.ask(PublishEntity, { entity });
      const named = { typ: 'root-succession', v: 1, organisation, from: root.key, sequence: 2, issuedAt: NOW } as const;
      const publish = async (by: typeof next, over: Partial<EntityDocument> = {}) => {
        const succeeds = [await signed({ ...named, to: by.root.kid }, root, NOW)];
        const after = { sequence: 2, previous: digestOf(entity.document), root: by.root.key, succeeds, ...over };
        return codeOf(
          await registry.ask(PublishEntity, { entity: await signed({ ...entity.document, ...after }, by.root, NOW) }),
        );
      };
      expect(await publish(next, { succeeds: undefined })).toBe('root_mismatch');
      expect(await publish(next, { sequence: 3 })).toBe('reference_dangling');
      expect(await publish(next)).toBe('allowed');
      expect(await publish(next)).toBe('allowed');
      expect(await publish(thief, { sequence: 3 })).toBe('root_mismatch');
      for (const pin of [company.pin, next.pin])
        expect(await registry.ask(ReadPublished, { root: pin })).toMatchObject({ allowed: true });
      const lost = { ...entity.document, sequence: 3, name: 'Taken' };
      expect(codeOf(await registry.ask(PublishEntity, { entity: await signed(lost, root, NOW) }))).toBe(
        'root_mismatch',
      );
    });

    it('takes what a root prepared to revoke everything whenever it comes, and nothing after it', async () => {
      const company = await aCompany('revoking.example', NOW);
      const { organisation, entity, root } = company;
      await registry.ask(PublishEntity, { entity });
      const publish = async (document: EntityDocument, by = root) =>
        codeOf(await registry.ask(PublishEntity, { entity: await signed(document, by, NOW - 86_400_000) }));
      const dates = { issuedAt: NOW - 90 * 86_400_000, expiresAt: NOW - 1 };
      const prepared = { ...lastVersionOf(entity.document), ...dates };
      expect(await publish({ ...entity.document, sequence: 2, previous: digestOf(entity.document), ...dates })).toBe(
        'entity_expired',
      );
      expect(await publish(prepared, company.certify)).toBe('unknown_key');
      expect(await publish(prepared)).toBe('allowed');
      expect(await publish(prepared)).toBe('allowed');
      expect(await publish({ ...entity.document, sequence: 2, previous: digestOf(entity.document) })).toBe(
        'entity_fork',
      );
      expect(
        (await registry.ask(ReadKeys, { organisation })).keys?.entities.map((one) => one.document.sequence),
      ).toContain(Number.MAX_SAFE_INTEGER);
    });

    it('takes certificates only as the organisation certified them', async () => {
      const stranger = await aCompany('stranger.example', NOW);
      const foreign = await stranger.holder('agent', 'agent', ['call']);
      const publish = async (organisation: typeof BUYER, certificate: typeof foreign.certificate) =>
        codeOf(await registry.ask(PublishCertificates, { organisation, certificates: [certificate] }));
      expect(await publish(BUYER, foreign.certificate)).toBe('wrong_issuer');
      const dangling = { ...who.gateway.certificate.document, entity: digestOf('nothing') };
      expect(await publish(BUYER, await signed(dangling, who.buyer.certify, NOW))).toBe('certificate_dangling');
      const selfMade = { ...who.gateway.certificate.document, purposes: ['approve' as const] };
      expect(await publish(BUYER, await signed(selfMade, who.gateway.signer, NOW))).toBe('unknown_key');
      expect(await publish(stranger.organisation, foreign.certificate)).toBe('not_pinned');
    });
  });

  describe('a version of an agreement', () => {
    it('is in force once every party has signed it, and not before', async () => {
      const agreement = anAgreement(who, { id: anAgreementId() });
      expect(await pair.propose(agreement)).toMatchObject({ allowed: true, value: { status: 'proposed' } });
      expect(await pair.sign(agreement)).toMatchObject({ allowed: true, value: { status: 'active' } });
      expect((await registry.evidence(agreement.id)).map((row) => row.kind)).toEqual([
        'agreement.proposed',
        'agreement.signed',
        'agreement.signed',
        'agreement.activated',
      ]);
      expect(await pair.sign(agreement)).toMatchObject({ allowed: true, value: { status: 'active' } });
    });

    it('has one winner, however many are proposed at once', async () => {
      const id = anAgreementId();
      const rivals = Array.from({ length: 8 }, (_, at) => anAgreement(who, { id, endsAt: NOW + 3_600_000 + at }));
      const codes = (await Promise.all(rivals.map((rival) => pair.propose(rival)))).map(codeOf);
      expect(codes.filter((code) => code === 'allowed')).toHaveLength(1);
      expect(codes.filter((code) => code === 'version_superseded')).toHaveLength(7);
    });

    it('tells whoever lost which version won, and its log says so', async () => {
      const first = await pair.activated();
      const next = (over: number) => ({ ...first, version: 2, previous: digestOf(first), endsAt: first.endsAt + over });
      const [won, lost] = [next(1), next(2)];
      await pair.propose(won);
      const clause = `version 2 of ${VENDOR}, ${digestOf(won)}`;
      expect(await pair.propose(lost)).toMatchObject({ refusal: { code: 'version_superseded', clause } });
      expect(await pair.sign(lost)).toMatchObject({ refusal: { code: 'version_superseded', clause } });
      const third = { ...won, version: 3, previous: digestOf(won) };
      await pair.propose(third);
      const over = `version 3 of ${VENDOR}, ${digestOf(third)}`;
      expect(await pair.sign(won)).toMatchObject({ refusal: { code: 'version_superseded', clause: over } });
      const refused = (await registry.evidence(first.id)).filter(({ kind }) => kind === 'agreement.refused');
      expect(refused).toMatchObject([{ clause: over }]);
    });

    it('that all have signed waits for its day, whatever one side proposes meanwhile', async () => {
      const first = await pair.activated();
      const later = { ...first, version: 2, previous: digestOf(first), effectiveFrom: registry.clock.now() + 60_000 };
      await pair.propose(later);
      expect(await pair.sign(later)).toMatchObject({ allowed: true, value: { status: 'countersigned' } });
      const wish = { ...later, version: 3, previous: digestOf(later), effectiveFrom: first.effectiveFrom };
      expect(await pair.propose(wish)).toMatchObject({ allowed: true, value: { status: 'proposed' } });
      const statuses = () => Promise.all([1, 2, 3].map((version) => pair.statusOf(first.id, version)));
      expect(await statuses()).toEqual(['active', 'countersigned', 'proposed']);
      const kinds = async (log: string) => (await registry.evidence(log)).map(({ kind }) => kind);
      expect(await kinds(first.id)).toContain('agreement.countersigned');
      // What is of a company and of no agreement stands in the operator's log.
      expect(await kinds('operator')).toEqual(expect.arrayContaining(['entity.published', 'certificates.published']));
      registry.clock.advance(61_000);
      const deadline = Date.now() + 15_000;
      while ((await statuses())[1] !== 'active' && Date.now() < deadline) await registry.evidence(first.id);
      expect(await statuses()).toEqual(['ended', 'active', 'proposed']);
      expect(codeOf(await pair.sign(wish))).toBe('allowed');
      expect(await statuses()).toEqual(['ended', 'ended', 'active']);
    }, 20_000);

    it('whose evidence both signed to lie elsewhere is not taken in this region, and no row of any table names it', async () => {
      const evidence = { type: 'evidence' as const, region: 'us-1', cosigning: 'both' as const, retentionSeconds: 1 };
      const others = anAgreement(who).terms.filter(({ type }) => type !== 'evidence');
      const elsewhere = anAgreement(who, { id: anAgreementId(), terms: [...others, evidence] as Agreement['terms'] });
      expect(await pair.propose(elsewhere)).toMatchObject({
        refusal: { code: 'evidence_elsewhere', clause: 'evidence' },
      });
      const held = await pair.activated();
      const naming = async (agreement: string) => {
        const tables = await registry.database.query<{ name: string }>(
          `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('trust_registry', 'evidence')`,
        );
        const found = tables.map(
          ({ name }) => `select '${name}' as name from ${name} r where r::text like '%${agreement}%'`,
        );
        return new Set(
          (await registry.database.query<{ name: string }>(found.join(' union '))).map(({ name }) => name),
        );
      };
      expect([...(await naming(held.id))]).toEqual(
        expect.arrayContaining(['evidence.kept', 'trust_registry.agreements']),
      );
      expect([...(await naming(elsewhere.id))]).toEqual([]);
      // What was agreed here does not move: the next version is refused before anything of it is kept.
      const terms = [...held.terms.filter(({ type }) => type !== 'evidence'), evidence] as Agreement['terms'];
      const moved = { ...held, version: 2, previous: digestOf(held), terms };
      expect(codeOf(await pair.propose(moved))).toBe('evidence_elsewhere');
    });

    it('that has a term nothing can evaluate is refused, and the log names the clause', async () => {
      const terms = [...anAgreement(who).terms, { type: 'right-to-repair\u0000', note: 'later' }];
      const agreement = anAgreement(who, { id: anAgreementId(), terms });
      await pair.propose(agreement);
      expect(codeOf(await pair.sign(agreement))).toBe('term_without_evaluator');
      expect((await registry.evidence(agreement.id)).at(-1)).toEqual({
        kind: 'agreement.refused',
        code: 'term_without_evaluator',
        clause: 'right-to-repair?',
      });
      expect(await pair.statusOf(agreement.id)).toBeUndefined();
    });

    it.each([
      [
        'another root than the registered one',
        (a: Agreement) => ({ parties: a.parties.map((p) => ({ ...p, root: who.vendor.pin })) }),
        'party_root_not_pinned',
      ],
      [
        'a party nobody knows',
        (a: Agreement) => ({ parties: [...a.parties, { ...a.parties[0]!, organisation: 'nobody.example' as never }] }),
        'party_root_not_pinned',
      ],
      ['one party twice', (a: Agreement) => ({ parties: [a.parties[0]!, a.parties[0]!] }), 'agreement_incoherent'],
      ['a number out of order', () => ({ version: 2 }), 'reference_dangling'],
    ])('that names %s is not taken', async (_why, over, code) => {
      const base = anAgreement(who, { id: anAgreementId() });
      const agreement = { ...base, ...over(base) };
      expect(codeOf(await pair.propose(agreement))).toBe(code);
      expect(await pair.statusOf(agreement.id)).toBeUndefined();
    });

    it('needs the signature of the one who proposes it, made by the organisation itself', async () => {
      const agreement = anAgreement(who, { id: anAgreementId() });
      expect(codeOf(await pair.propose(agreement, [who.buyer.agreement]))).toBe('signature_missing');
      expect(codeOf(await pair.propose(agreement, [who.vendorAgent.signer]))).toBe('wrong_purpose');
      expect(codeOf(await pair.propose(agreement))).toBe('allowed');
      expect(codeOf(await pair.sign(agreement, who.buyerAgent.signer))).toBe('wrong_purpose');
      expect(codeOf(await pair.sign(agreement, who.vendor.agreement))).toBe('allowed');
      expect(await pair.statusOf(agreement.id)).toBe('proposed');
    });

    it('ends the one before it, between the same parties only', async () => {
      const first = await pair.activated();
      const second = { ...first, version: 2, previous: digestOf(first), endsAt: first.endsAt + 1 };
      const alone = { ...second, house: true, parties: second.parties.slice(0, 1) };
      expect(codeOf(await pair.propose(alone))).toBe('agreement_incoherent');
      expect(codeOf(await pair.propose(second))).toBe('allowed');
      expect([await pair.statusOf(first.id), await pair.statusOf(first.id, 2)]).toEqual(['active', 'proposed']);
      expect(codeOf(await pair.sign(second))).toBe('allowed');
      expect([await pair.statusOf(first.id), await pair.statusOf(first.id, 2)]).toEqual(['ended', 'active']);
      expect(codeOf(await pair.sign(first))).toBe('version_superseded');
    });

    it('that one side signed under an earlier entity document is in force when the other signs after the renewal', async () => {
      const company = await aCompany('without-an-agent.example', registry.clock.now());
      await registry.ask(PublishEntity, { entity: company.entity });
      const agreement = anAgreement({ ...who, vendor: company }, { id: anAgreementId(), resources: [], terms: [] });
      const proposal = await signed(agreement, company.agreement, registry.clock.now());
      const ask = { organisation: company.organisation, agreement: proposal };
      expect(codeOf(await registry.ask(ProposeAgreement, ask))).toBe('allowed');
      registry.clock.advance(120_000);
      const before = company.entity.document;
      const renewed = { ...before, sequence: 2, previous: digestOf(before), issuedAt: registry.clock.now() };
      const entity = await signed(renewed, company.root, registry.clock.now());
      expect(codeOf(await registry.ask(PublishEntity, { entity }))).toBe('allowed');
      expect(await pair.sign(agreement)).toMatchObject({ allowed: true, value: { status: 'active' } });
    });

    it('is not put in force where a gateway in its scope says that it cannot evaluate a term, and is told which', async () => {
      const terms = [...anAgreement(who).terms, { type: 'notice' as const, terminateSeconds: 1 }];
      const report = async (evaluators: readonly string[]) =>
        registry.ask(KeepGatewayReport, {
          ...{ organisation: BUYER, gateway: who.gateway.id, evaluators: [...evaluators], tzdata: '2026a' },
        });
      const signedByBoth = async () => {
        const agreement = anAgreement(who, { id: anAgreementId(), terms });
        await pair.propose(agreement);
        return pair.sign(agreement);
      };
      await report(anAgreement(who).terms.map(({ type }) => type));
      expect(await signedByBoth()).toMatchObject({
        allowed: false,
        refusal: { code: 'term_without_evaluator', clause: `notice at ${BUYER}/${who.gateway.id}` },
      });
      await report(terms.map(({ type }) => type));
      expect(await signedByBoth()).toMatchObject({ allowed: true, value: { status: 'active' } });
    });
  });
});
