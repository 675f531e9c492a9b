import type { Grant, OrganisationId, Term, TermOf } from '@interlock/domain';
import { digestOf, signDocument, signLoginProof } from '@interlock/proof';
import { aCompany, aRight, type Company, type Holder, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { id, press7, rightOpens, type TermCase } from '../at-the-gateway.js';

export const INTEGRATOR = 'integrator.example' as OrganisationId;
const term: TermOf<'third-party'> = {
  type: 'third-party',
  party: INTEGRATOR,
  broughtBy: VENDOR,
  kinds: ['remote-service'],
  resources: [press7],
  actions: [id('ssh')],
  purposes: [id('repair')],
  longestWindowSeconds: 7_200,
};

/** A right of somebody whom one side brought in, with the company it is of. */
export interface GuestsRight extends Right {
  readonly integrator: Company;
  readonly agentOfGuest: Holder;
}

/** The right of a fitter of an integrator that the vendor brought in, signed by all three; with more terms where a case needs them. */
export async function aGuestsRight(
  over: Partial<typeof term> = {},
  more: readonly Term[] = [],
  named: Partial<Grant> = {},
): Promise<GuestsRight> {
  const integrator = await aCompany(INTEGRATOR, NOW);
  const fitter = await integrator.holder('person', 'fitter', ['grant']);
  const agent = await integrator.holder('agent', 'agent', ['login', 'beat', 'narrow']);
  const { agreement: base, who, ...own } = await aRight();
  const guest = {
    organisation: INTEGRATOR,
    role: 'third-party' as const,
    root: integrator.pin,
    entity: digestOf(integrator.entity.document),
  };
  const agreement = {
    ...base,
    parties: [...base.parties, guest],
    terms: [...base.terms, { ...term, ...over }, ...more],
  };
  const grant = {
    ...own.grant,
    agreement: digestOf(agreement),
    requester: { organisation: INTEGRATOR, id: id('fitter') },
    subjects: [{ organisation: INTEGRATOR, kind: 'person' as const, id: id('fitter') }],
    ...named,
  };
  const claims = { ...own.claims, iss: INTEGRATOR, sub: id('fitter') };
  const sign = async <D extends Parameters<typeof signDocument>[0]>(
    document: D,
    signers: readonly Company['root'][],
  ) => ({
    document,
    signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))),
  });
  const chain = {
    entities: [...own.chain.entities, integrator.entity],
    certificates: [...own.chain.certificates, fitter.certificate, agent.certificate],
    agreement: await sign(agreement, [who.vendor.agreement, who.buyer.agreement, integrator.agreement]),
    grant: await sign(grant, [fitter.signer, who.approver.signer, who.secondApprover.signer]),
  };
  const pins = new Map([...who.pins, [INTEGRATOR, integrator.pin] as const]);
  const loginProof = await signLoginProof(claims, agent.signer);
  return {
    ...own,
    who: { ...who, pins },
    agreement,
    grant,
    claims,
    chain,
    loginProof,
    integrator,
    agentOfGuest: agent,
  };
}

export const thirdParty: TermCase = {
  permits: 'a fitter of an integrator for what the vendor brought it in for',
  permitted: async () => rightOpens(await aGuestsRight()),
  refuses: 'a fitter of an integrator for a purpose that it was not brought in for',
  refused: async () => rightOpens(await aGuestsRight({ purposes: [id('training')] })),
  code: 'third_party_not_agreed',
};
