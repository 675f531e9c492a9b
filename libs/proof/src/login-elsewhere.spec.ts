import {
  type Agreement,
  decide,
  type LocalId,
  type LoginProof,
  type OrganisationId,
  type Term,
} from '@interlock/domain';
import {
  aCompany,
  anAgreement,
  aPartnership,
  BUYER,
  NOW,
  type Right,
  rightUnder,
  VENDOR,
} from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signed } from './envelope.js';
import type { Signer } from './keys.js';
import { verifyChain } from './right.js';
import { signLoginProof } from './token.js';

const id = (text: string) => text as LocalId;
const GUEST = id('guest-4711');
const self = { organisation: BUYER, resources: [id('press-7')] };
const who = await aPartnership(NOW);
const provider = (over: object = {}): Term =>
  ({
    ...{ type: 'identity-provider', party: VENDOR, issuer: BUYER },
    persons: [{ id: id('technician'), login: GUEST }],
    ...over,
  }) as Term;
const agreed = (...more: readonly Term[]): Agreement => {
  const agreement = anAgreement(who);
  return { ...agreement, terms: [...agreement.terms, ...more] };
};
const right = await rightUnder(who, agreed(provider()));
const plain = await rightUnder(who, agreed());

/** A login at the buyer, of its guest, shown at its gateway. */
async function shown(
  over: Partial<LoginProof> = {},
  { of = right, signer = who.buyerAgent.signer, at = NOW }: { of?: Right; signer?: Signer; at?: number } = {},
) {
  const claims: LoginProof = { ...of.claims, iss: BUYER, sub: GUEST, ...over };
  return verifyChain(of.chain, who.pins, self, { loginProof: await signLoginProof(claims, signer) }, at);
}
const no = (code: string) => ({ allowed: false, refusal: { code, clause: 'login-proof' } });

describe('a login proof of the other company', () => {
  it('lets in the person of the first one for whom both signed its name, who stays a person of that one', async () => {
    const chain = await shown();
    expect(chain).toMatchObject({
      allowed: true,
      value: {
        subject: { organisation: VENDOR, kind: 'person', id: 'technician' },
        login: { organisation: BUYER, id: GUEST },
        subjectSide: VENDOR,
      },
    });
    const keys = chain.allowed ? chain.value.keys : [];
    for (const organisation of [VENDOR, BUYER]) expect(keys).toContainEqual({ organisation, thumbprint: right.leaf });
    expect(keys).toContainEqual({ organisation: BUYER, thumbprint: who.buyerAgent.signer.kid });
  });

  it('takes nothing from the own company, which goes on to log its people in', async () => {
    const chain = await verifyChain(right.chain, who.pins, self, { loginProof: right.loginProof }, NOW);
    expect(chain).toMatchObject({ allowed: true, value: { subject: { organisation: VENDOR, id: 'technician' } } });
    expect(chain.allowed && chain.value.login).toBeUndefined();
  });

  it.each<[string, Partial<LoginProof>, { of?: Right; signer?: Signer; at?: number }]>([
    ['that nobody agreed', {}, { of: plain }],
    ['of somebody whom nobody named', { sub: id('guest-4712') }, {}],
    ['of its own person of that very name', { sub: id('technician') }, {}],
    ['of one of its approvers', { sub: id('first-approver') }, {}],
  ])('is wrong_issuer: one %s', async (_what, over, how) => {
    expect(await shown(over, how)).toEqual(no('wrong_issuer'));
  });

  it.each<[string, string, Partial<LoginProof>, { signer?: Signer; at?: number }]>([
    ['unknown_key', 'signed by the person’s own company in its name', {}, { signer: who.vendorAgent.signer }],
    [
      'wrong_purpose',
      'signed by a key of the other company that may log nobody in',
      {},
      { signer: who.approver.signer },
    ],
    ['wrong_audience', 'made for another owner', { aud: VENDOR }, {}],
    ['token_expired', 'that is over', {}, { at: NOW + 600_000 }],
  ])('is %s: one %s', async (code, _what, over, how) => {
    expect((await shown(over, how)).allowed).toBe(false);
    expect(await shown(over, how)).toMatchObject({ refusal: { code } });
  });

  it('is for its grant alone, and altered it is none', async () => {
    expect(await shown({ grant: 'grt_0123456789abcdefghjkmnpqrt' as never })).toMatchObject({
      refusal: { code: 'proof_of_other_grant' },
    });
    const token = await signLoginProof({ ...right.claims, iss: BUYER, sub: id('guest-4712') }, who.buyerAgent.signer);
    const [head, , signature] = token.split('.');
    const body = Buffer.from(JSON.stringify({ ...right.claims, iss: BUYER, sub: GUEST })).toString('base64url');
    expect(
      await verifyChain(right.chain, who.pins, self, { loginProof: `${head}.${body}.${signature}` }, NOW),
    ).toMatchObject({ allowed: false });
  });

  it('is not that of somebody who said yes to the request under that name', async () => {
    const persons = [{ id: id('technician'), login: id('first-approver') }];
    const of = await rightUnder(who, agreed(provider({ persons })));
    expect(await shown({ sub: id('first-approver') }, { of })).toMatchObject({
      refusal: { code: 'approver_is_party_to_request', clause: 'identity-provider' },
    });
  });
});

describe('what the other company gains by it', () => {
  it('is nothing at the machines of the person’s own company', async () => {
    const term = provider({ party: BUYER, issuer: VENDOR, persons: [{ id: id('technician'), login: GUEST }] });
    // Named the other way round: the vendor may log in people of the buyer, and the press is the buyer’s.
    const of = await rightUnder(who, agreed(term));
    expect(await shown({}, { of })).toEqual(no('wrong_issuer'));
    const byVendor = { ...of.claims, sub: GUEST };
    const chain = await shown({ ...byVendor, iss: VENDOR }, { of, signer: who.vendorAgent.signer });
    const ask = { subject: { organisation: VENDOR, kind: 'person' as const, id: id('technician') }, leaf: of.leaf };
    const about = { action: id('ssh'), resource: { owner: BUYER, id: id('press-7') }, session: null };
    const facts = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };
    expect(chain.allowed && decide(chain.value, { ...ask, ...about }, facts, NOW)).toMatchObject({ allowed: false });
  });

  it('is not for a third company that one of the two calls in: it is no party, so the clause contradicts the agreement', async () => {
    const third = await aCompany('somebody.example' as OrganisationId, NOW);
    const agent = await third.holder('agent', 'agent', ['login']);
    const of = await rightUnder(who, agreed(provider({ issuer: third.organisation })));
    const claims = { ...of.claims, iss: third.organisation, sub: GUEST };
    const chain = {
      ...of.chain,
      entities: [...of.chain.entities, third.entity],
      certificates: [...of.chain.certificates, agent.certificate],
    };
    const pins = new Map([...who.pins, [third.organisation, third.pin] as const]);
    const loginProof = await signLoginProof(claims, agent.signer);
    expect(await verifyChain(chain, pins, self, { loginProof }, NOW)).toMatchObject({
      refusal: { code: 'agreement_incoherent' },
    });
    const own = { ...right.chain, entities: chain.entities, certificates: chain.certificates };
    expect(
      await verifyChain(
        own,
        pins,
        self,
        { loginProof: await signLoginProof({ ...claims, grant: right.grant.id }, agent.signer) },
        NOW,
      ),
    ).toEqual(no('wrong_issuer'));
  });

  it('is nothing by a version that it signed alone', async () => {
    const version = agreed(provider());
    const alone = await signed(version, who.buyer.agreement, NOW);
    const grant = { ...right.grant, agreement: digestOf(version) };
    expect(grant.agreement).toBe(right.grant.agreement);
    const chain = { ...right.chain, agreement: { document: version, signatures: [...alone.signatures] } };
    const loginProof = await signLoginProof({ ...right.claims, iss: BUYER, sub: GUEST }, who.buyerAgent.signer);
    expect(await verifyChain(chain, who.pins, self, { loginProof }, NOW)).toMatchObject({
      refusal: { code: 'signature_missing' },
    });
  });
});
