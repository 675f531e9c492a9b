import type { Agreement, LocalId, OrganisationId, ThirdPartyTerm } from '@interlock/domain';
import { aCompany, aRight, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import type { Signer } from './keys.js';
import { verifyChain } from './right.js';
import { signLoginProof } from './token.js';
import type { Pins } from './trust.js';

const id = (text: string) => text as LocalId;
const INTEGRATOR = 'integrator.example' as OrganisationId;
const press = { owner: BUYER, id: id('press-7') };
const self = { organisation: BUYER, resources: [id('press-7')] };
const guest: ThirdPartyTerm = {
  type: 'third-party',
  party: INTEGRATOR,
  broughtBy: VENDOR,
  kinds: ['remote-service'],
  resources: [press],
  actions: [id('ssh')],
  purposes: [id('repair')],
  longestWindowSeconds: 7_200,
};
const right = await aRight();
const { who, chain } = right;
const integrator = await aCompany(INTEGRATOR, NOW);
const fitter = await integrator.holder('person', 'fitter', ['grant']);
const agent = await integrator.holder('agent', 'agent', ['login', 'beat', 'narrow']);
const pins: Pins = new Map([...who.pins, [INTEGRATOR, integrator.pin]]);
const all = [who.vendor.agreement, who.buyer.agreement, integrator.agreement];
const sign = async <D extends Parameters<typeof signDocument>[0]>(document: D, signers: readonly Signer[]) => ({
  document,
  signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))),
});

const party = (company: typeof integrator, role: 'third-party' | 'buyer') => ({
  organisation: company.organisation,
  role,
  root: company.pin,
  entity: digestOf(company.entity.document),
});

/** The integrator's fitter at the buyer's gateway, under an agreement that these keys have signed. */
async function atTheGateway(agreement: Agreement, signers: readonly Signer[], trusted = pins) {
  const subject = { organisation: INTEGRATOR, id: id('fitter') };
  const grant = {
    ...right.grant,
    agreement: digestOf(agreement),
    requester: subject,
    subjects: [{ ...subject, kind: 'person' as const }],
  };
  const approvers = [fitter, who.approver, who.secondApprover].map((one) => one.signer);
  const documents = {
    entities: [...chain.entities, integrator.entity],
    certificates: [...chain.certificates, fitter.certificate, agent.certificate],
    agreement: await sign(agreement, signers),
    grant: await sign(grant, approvers),
  };
  const claims = { ...right.claims, iss: INTEGRATOR, sub: subject.id, grant: grant.id };
  const loginProof = await signLoginProof(claims, agent.signer);
  return verifyChain(documents, trusted, self, { loginProof }, NOW);
}
const agreed = (over: Partial<ThirdPartyTerm> = {}): Agreement => ({
  ...right.agreement,
  parties: [...right.agreement.parties, party(integrator, 'third-party')],
  terms: [...right.agreement.terms, { ...guest, ...over } as ThirdPartyTerm],
});

describe('an agreement of three', () => {
  it('lets the integrator in once every party has signed it, as far as it was brought in', async () => {
    expect(await atTheGateway(agreed(), all)).toMatchObject({ allowed: true, value: { subjectSide: INTEGRATOR } });
    expect(await atTheGateway(agreed({ purposes: [id('tuning')] }), all)).toMatchObject({
      refusal: { code: 'third_party_not_agreed' },
    });
  });

  it.each([0, 1, 2])('signature_missing: party %i of three has not signed', async (missing) => {
    const signers = all.filter((_, at) => at !== missing);
    expect(await atTheGateway(agreed(), signers)).toMatchObject({ refusal: { code: 'signature_missing' } });
  });

  it('not_pinned: nobody compared the root of the integrator with this gateway', async () => {
    expect(await atTheGateway(agreed(), all, who.pins)).toMatchObject({ refusal: { code: 'not_pinned' } });
  });

  it('agreement_incoherent: its guest is called a side by nobody but itself', async () => {
    const alone = { ...agreed(), parties: [...right.agreement.parties, party(integrator, 'buyer')] };
    expect(await atTheGateway(alone, all)).toMatchObject({ refusal: { code: 'agreement_incoherent' } });
  });
});

describe('a house agreement', () => {
  const house = (over: Partial<Agreement> = {}): Agreement => ({
    ...right.agreement,
    house: true,
    parties: [party(who.buyer, 'buyer')],
    // What names the other company has no place in a house of one.
    terms: right.agreement.terms.filter(({ type }) => type !== 'data-collection' && type !== 'delegation'),
    ...over,
  });
  const atHome = async (agreement: Agreement, point = self) => {
    const own = await who.buyer.holder('person', 'electrician', ['grant']);
    const subject = { organisation: BUYER, id: id('electrician') };
    const subjects = [{ ...subject, kind: 'person' as const }];
    const grant = { ...right.grant, agreement: digestOf(agreement), requester: subject, subjects };
    const documents = {
      entities: [who.buyer.entity],
      certificates: [...[own, who.approver, who.secondApprover, who.buyerAgent].map((one) => one.certificate)],
      agreement: await sign(agreement, [who.buyer.agreement]),
      grant: await sign(
        grant,
        [own, who.approver, who.secondApprover].map((one) => one.signer),
      ),
    };
    const claims = { ...right.claims, iss: BUYER, sub: subject.id };
    const loginProof = await signLoginProof(claims, who.buyerAgent.signer);
    return verifyChain(documents, pins, point, { loginProof }, NOW);
  };

  it('lets a company’s own people to its own machine, by its one signature and its own approvers', async () => {
    expect(await atHome(house())).toMatchObject({ allowed: true, value: { owner: BUYER, subjectSide: BUYER } });
  });

  it('is worth nothing at the enforcement point of anybody else', async () => {
    const elsewhere = { organisation: VENDOR, resources: [id('press-7')] };
    expect(await atHome(house(), elsewhere)).toMatchObject({ refusal: { code: 'not_self' } });
    expect(await atHome(house(), { ...self, resources: [id('press-8')] })).toMatchObject({
      refusal: { code: 'not_on_provisioning_list' },
    });
  });

  it('cannot be what two companies call an agreement with oneself', async () => {
    expect(await atHome(house({ house: false }))).toMatchObject({ refusal: { code: 'agreement_incoherent' } });
  });
});
