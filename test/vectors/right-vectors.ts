import type { ChainDocuments } from '@interlock/contracts';
import type { Act, LocalId, OrganisationId, Signed, SubjectRef, Thumbprint } from '@interlock/domain';
import { type Signer, signed, signLoginProof } from '@interlock/proof';
import { aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { agreements, delegations, grants, signatures } from './document-vectors.js';
import { type RightVector, replace, vector } from './vector.js';

/** What an enforcement point of the press's owner holds and is asked. */
export interface RightQuestion {
  readonly chain: ChainDocuments;
  readonly loginProof: string;
  /** Acts of the parties that came by themselves. One that does not verify counts as never heard. */
  readonly acts: readonly Signed<Act>[];
  readonly subject: SubjectRef;
  /** RFC 7638 thumbprint of the key of the TLS leaf that is used. */
  readonly leaf: Thumbprint;
  readonly action: LocalId;
  readonly resource: { readonly owner: OrganisationId; readonly id: LocalId };
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

export interface RightVectors {
  readonly self: { readonly organisation: OrganisationId; readonly resources: readonly LocalId[] };
  readonly pins: Readonly<Record<string, string>>;
  readonly question: RightQuestion;
  readonly vectors: readonly RightVector[];
}

const id = (text: string) => text as LocalId;

/**
 * Questions whose answer the trust model fixes, signed by keys that end with this process. `npm run -s bench -- make-vectors` writes the file
 * that is kept; the keys of the file are public halves.
 */
export async function rightVectors(): Promise<RightVectors> {
  const right = await aRight();
  const question: RightQuestion = {
    ...{ chain: right.chain, loginProof: right.loginProof, acts: [], leaf: right.leaf, at: NOW },
    subject: { organisation: VENDOR, kind: 'person', id: id('technician') },
    action: id('ssh'),
    resource: { owner: BUYER, id: id('press-7') },
  };
  return {
    self: { organisation: BUYER, resources: [id('press-7')] },
    pins: Object.fromEntries(right.who.pins),
    question,
    vectors: [
      ...questions(right),
      ...(await signatures(right)),
      ...(await grants(right)),
      ...(await agreements(right)),
      ...(await loginProofs(right)),
      ...(await delegations(right)),
      ...(await acts(right)),
    ],
  };
}

/** The same documents, asked otherwise. */
function questions({ grant }: Right): RightVector[] {
  const until = grant.windows[0]?.to ?? NOW;
  return [
    vector('as it was signed', 'allow'),
    vector('by another key than the one the login proof names', 'not_the_holder', replace('/leaf', 'A'.repeat(43))),
    vector('as another person', 'not_the_holder', replace('/subject/id', 'colleague')),
    vector('as a machine of the same name', 'not_the_holder', replace('/subject/kind', 'machine')),
    vector('another action', 'outside_grant', replace('/action', 'modbus')),
    vector('another machine of the same owner', 'outside_grant', replace('/resource/id', 'press-8')),
    vector('a machine of the same name of another owner', 'outside_grant', replace('/resource/owner', VENDOR)),
    vector('after the login proof is over', 'token_expired', replace('/at', until - 1)),
  ];
}

async function loginProofs({ who, claims, grant }: Right): Promise<RightVector[]> {
  const proof = async (over: object, signer = who.vendorAgent.signer) =>
    replace('/loginProof', await signLoginProof({ ...claims, ...over }, signer));
  const seconds = NOW / 1_000;
  return [
    vector('a login proof for another partner', 'wrong_audience', await proof({ aud: 'other.example' })),
    vector(
      'a login proof for another grant',
      'proof_of_other_grant',
      await proof({ grant: grant.id.replace('0', '1') }),
    ),
    vector('a login proof of the other company', 'unknown_key', await proof({}, who.buyerAgent.signer)),
    vector('a login proof by a key that logs nobody in', 'wrong_purpose', await proof({}, who.technician.signer)),
    vector('a login proof that is over', 'token_expired', await proof({ iat: seconds - 600, exp: seconds - 60 })),
    vector('a login proof of a person the grant does not name', 'not_the_holder', await proof({ sub: 'colleague' })),
    vector('no login proof', 'malformed', replace('/loginProof', '')),
  ];
}

async function acts({ who, agreement, grant, chain }: Right): Promise<RightVector[]> {
  const act = (over: Partial<Act>): Act =>
    ({
      ...{ typ: 'act', v: 1, verb: 'revoke', organisation: BUYER, agreementId: agreement.id },
      target: { kind: 'grant', id: grant.id },
      ...{ reason: 'work is done', lifts: null, sequence: 1, previous: null, issuedAt: NOW },
      ...over,
    }) as Act;
  const heard = async (document: Act, signer: Signer) => replace('/acts', [await signed(document, signer, NOW)]);
  const { vendorAgent, buyerAgent } = who;
  const suspend = { verb: 'suspend', target: { kind: 'agreement', id: agreement.id } } as const;
  const person = (organisation: OrganisationId, name: string) =>
    ({ organisation, target: { kind: 'person', id: id(name) } }) as const;
  return [
    vector('revoked by the owner', 'taken_away', await heard(act({}), buyerAgent.signer)),
    vector(
      'revoked by the side of the subject',
      'taken_away',
      await heard(act({ organisation: VENDOR }), vendorAgent.signer),
    ),
    vector('a revocation that its company did not sign', 'allow', await heard(act({}), vendorAgent.signer)),
    vector('a revocation by a key that cannot narrow', 'allow', await heard(act({}), who.approver.signer)),
    vector('the whole agreement suspended', 'taken_away', await heard(act(suspend), buyerAgent.signer)),
    vector(
      'the subject revoked by the own company',
      'taken_away',
      await heard(act(person(VENDOR, 'technician')), vendorAgent.signer),
    ),
    vector(
      'the subject revoked by the other company',
      'allow',
      await heard(act(person(BUYER, 'technician')), buyerAgent.signer),
    ),
    vector(
      'an approver revoked by the own company',
      'taken_away',
      await heard(act(person(BUYER, 'first-approver')), buyerAgent.signer),
    ),
    vector(
      'another grant revoked',
      'allow',
      await heard(
        act({ target: { kind: 'grant', id: chain.grant.document.id.replace('0', '1') as never } }),
        buyerAgent.signer,
      ),
    ),
  ];
}
