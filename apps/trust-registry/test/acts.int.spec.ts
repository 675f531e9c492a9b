import { HandInAgreementAct, ReadMaterial } from '@interlock/contracts';
import type { Act, Agreement, Digest, LocalId } from '@interlock/domain';
import { digestOf, type Signer, signDocument } from '@interlock/proof';
import { anAgreement, BUYER, NOW, type Partnership, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRegisteredPair, type RegisteredPair } from './a-registered-pair.js';
import { aRegistry, codeOf, type Registry } from './a-registry.js';

describe('acts on an agreement', () => {
  let registry: Registry;
  let pair: RegisteredPair;
  let who: Partnership;
  beforeAll(async () => {
    registry = await aRegistry(NOW);
    pair = await aRegisteredPair(registry);
    who = pair.who;
  }, 60_000);
  afterAll(() => registry?.stop());

  const act = async (
    agreement: Agreement,
    over: Partial<Act>,
    signers: readonly Signer[] = [who.buyerAgent.signer],
  ) => {
    const document: Act = {
      typ: 'act',
      v: 1,
      verb: 'suspend',
      organisation: BUYER,
      agreementId: agreement.id,
      target: { kind: 'agreement', id: agreement.id },
      reason: 'because',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: registry.clock.now(),
      ...over,
    };
    const signatures = await Promise.all(signers.map((signer) => signDocument(document, signer, registry.clock.now())));
    const reply = await registry.ask(HandInAgreementAct, { organisation: BUYER, act: { document, signatures } });
    return { code: codeOf(reply), digest: digestOf(document) as Digest };
  };
  const bothAgree = () => [who.vendor.agreement, who.buyer.agreement];

  it('of one side suspend; only both sides resume, one suspension at a time', async () => {
    const agreement = await pair.activated();
    const [one, two] = [await act(agreement, { reason: 'one' }), await act(agreement, { reason: 'two' })];
    expect(await pair.statusOf(agreement.id)).toBe('suspended');
    const resume = (lifts: Digest) => ({ verb: 'resume' as const, lifts, issuedAt: registry.clock.now() });
    expect((await act(agreement, resume(one.digest), [who.buyer.agreement])).code).toBe('signature_missing');
    expect((await act(agreement, resume(one.digest), bothAgree())).code).toBe('allowed');
    expect(await pair.statusOf(agreement.id)).toBe('suspended');
    expect((await act(agreement, resume(two.digest), bothAgree())).code).toBe('allowed');
    expect(await pair.statusOf(agreement.id)).toBe('active');
    const resumed = (await registry.evidence(agreement.id)).filter(({ kind }) => kind === 'agreement.resumed');
    expect(resumed).toHaveLength(2);
  });

  it('count once however often they come, and only if they verify', async () => {
    const agreement = await pair.activated();
    expect((await act(agreement, {})).code).toBe('allowed');
    expect((await act(agreement, {})).code).toBe('allowed');
    const cuts = (await registry.evidence(agreement.id)).filter((row) => row.kind === 'agreement.suspended');
    expect(cuts).toHaveLength(1);
    expect((await act(agreement, { reason: 'x' }, [who.approver.signer])).code).toBe('wrong_purpose');
    expect((await act(agreement, { organisation: VENDOR })).code).toBe('wrong_issuer');
    expect((await act(agreement, { organisation: 'nobody.example' as never })).code).toBe('not_a_party');
    expect((await act(agreement, { verb: 'terminate' })).code).toBe('wrong_purpose');
    const target = { kind: 'resource' as const, id: 'press-7' as LocalId };
    expect((await act(agreement, { verb: 'revoke', target })).code).toBe('allowed');
    expect((await registry.evidence(agreement.id)).at(-1)?.kind).toBe('resource.withdrawn');
  });

  it('of one side narrow a version, and nothing but the one in force, and nothing wider', async () => {
    const agreement = await pair.activated();
    const narrows = (over: object, version = digestOf(agreement) as Digest) =>
      ({
        verb: 'narrow',
        narrows: { version, strike: { resources: [], clauses: [] }, instead: { resources: [], terms: [] }, ...over },
      }) as never;
    const service = agreement.terms.find(({ type }) => type === 'remote-service');
    const struck = { strike: { resources: [], clauses: ['remote-service'] } };
    const wider = { instead: { resources: [], terms: [{ ...service, purposes: ['repair', 'sale'] }] } };
    expect((await act(agreement, narrows(wider))).code).toBe('not_narrower');
    expect((await act(agreement, narrows(struck, digestOf({ another: 'version' }) as Digest))).code).toBe(
      'version_superseded',
    );
    const { code, digest: lifts } = await act(agreement, narrows(struck));
    expect([code, await pair.statusOf(agreement.id)]).toEqual(['allowed', 'active']);
    const [row] = (await registry.evidence(agreement.id)).filter(({ kind }) => kind === 'agreement.narrowed');
    expect(row).toMatchObject({ clause: 'remote-service' });
    const resume = { verb: 'resume' as const, lifts, issuedAt: registry.clock.now() };
    expect((await act(agreement, resume, [who.buyer.agreement])).code).toBe('signature_missing');
    expect((await act(agreement, resume, bothAgree())).code).toBe('allowed');
  });

  it('terminate after the notice that was agreed, and not before', async () => {
    const terms = [...anAgreement(who).terms, { type: 'notice', terminateSeconds: 600 }];
    const agreement = await pair.activated({ terms });
    expect((await act(agreement, { verb: 'terminate' }, [who.buyer.agreement])).code).toBe('allowed');
    expect(await pair.statusOf(agreement.id)).toBe('terminating');
    registry.clock.advance(601_000);
    const deadline = Date.now() + 15_000;
    while ((await pair.statusOf(agreement.id)) !== 'ended' && Date.now() < deadline)
      await registry.evidence(agreement.id);
    expect(await pair.statusOf(agreement.id)).toBe('ended');
    // Nobody acted: what time moves has a record of its own.
    const kinds = (await registry.evidence(agreement.id)).map(({ kind }) => kind);
    expect(kinds.slice(-2)).toEqual(['agreement.terminated', 'agreement.ended']);
  }, 20_000);

  it('stay in force for the version that comes after', async () => {
    const first = await pair.activated();
    await act(first, {});
    const second = { ...first, version: 2, previous: digestOf(first), endsAt: first.endsAt + 1 };
    await pair.propose(second);
    expect(await pair.sign(second)).toMatchObject({ allowed: true, value: { status: 'suspended' } });
    const material = await registry.ask(ReadMaterial, { organisation: VENDOR, agreementId: first.id, only: null });
    expect(material).toMatchObject({ allowed: true, value: { view: { version: 2 }, acts: [{ signers: [BUYER] }] } });
  });
});
