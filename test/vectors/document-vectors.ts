import type { Agreement, LocalId } from '@interlock/domain';
import { digestOf, type Signer, signDocument } from '@interlock/proof';
import { aCompany, aPasskey, BUYER, grantSigned, handOn, NOW, type Right } from '@interlock/testkit/builders';
import { type RightVector, replace, vector } from './vector.js';

const id = (text: string) => text as LocalId;

/** The grant with other signatures. */
export async function signatures(right: Right): Promise<RightVector[]> {
  const { chain, who, grant } = right;
  const given = chain.grant.signatures;
  const requester = given[0];
  const signers = (list: unknown) => replace('/chain/grant/signatures', list);
  const guest = await who.buyer.holder('person', 'guest', ['approve'], { groups: [id('maintenance')], guest: true });
  const stranger = await aCompany('stranger.example', NOW);
  const by = (signer: Signer) => signDocument(grant, signer, NOW);
  const without = chain.certificates.filter((one) => one !== who.approver.certificate);
  const certificates = (list: unknown) => replace('/chain/certificates', list);
  const passkey = aPasskey();
  return [
    vector('without the second approver', 'approvals_missing', signers(given.slice(0, 2))),
    vector(
      'with one approver twice',
      'approvals_missing',
      signers([...given.slice(0, 2), await by(who.approver.signer)]),
    ),
    vector('without the side of the subject', 'signature_missing', signers(given.slice(1))),
    vector(
      'with a signature that was made for the agreement',
      'wrong_type',
      signers([requester, ...chain.agreement.signatures]),
    ),
    vector(
      'approved by a guest',
      'approvals_missing',
      signers([...given.slice(0, 2), await by(guest.signer)]),
      certificates([...chain.certificates, guest.certificate]),
    ),
    vector('without the certificate of an approver', 'unknown_key', certificates(without)),
    vector('with the certificates in another order', 'allow', certificates([...chain.certificates].reverse())),
    vector(
      'with a company beside it that nobody pinned',
      'not_pinned',
      replace('/chain/entities', [...chain.entities, stranger.entity]),
    ),
    vector(
      'with a passkey that was never certified',
      'unknown_key',
      signers([...given.slice(0, 2), passkey.sign(grant, BUYER, NOW, { origin: `https://agent.${BUYER}` })]),
    ),
    vector(
      'signed at a time that has not come',
      'signed_in_the_future',
      signers([requester, given[1], await signDocument(grant, who.secondApprover.signer, NOW + 3_600_000)]),
    ),
  ];
}

/** Other grants, each signed by all who have to. */
export async function grants(right: Right): Promise<RightVector[]> {
  const { who, grant, chain } = right;
  const other = async (over: object) => replace('/chain/grant', await grantSigned(who, { ...grant, ...over }));
  return [
    vector('altered after it was signed', 'bad_signature', replace('/chain/grant/document/purpose', 'inspection')),
    vector('with a member nobody knows', 'malformed', { op: 'add', path: '/chain/grant/document/extra', value: 1 }),
    vector(
      'under another version of the agreement',
      'grant_of_other_agreement',
      await other({ agreement: digestOf({ ...chain.agreement.document, version: 2 }) }),
    ),
    vector('for a purpose that was not agreed', 'purpose_not_agreed', await other({ purpose: id('spying') })),
    vector('with a ticket of another form', 'ticket_missing', await other({ ticket: 'none' })),
    vector(
      'for a machine that was not agreed',
      'resource_not_agreed',
      await other({ resources: [{ owner: BUYER, id: id('press-8') }] }),
    ),
    vector(
      'for longer than was agreed',
      'window_too_long',
      await other({ windows: [{ from: NOW - 60_000, to: NOW + 9 * 3_600_000 }] }),
    ),
    vector(
      'whose window has not begun',
      'outside_window',
      await other({ windows: [{ from: NOW + 1, to: NOW + 3_600_000 }] }),
    ),
    vector('whose window ends now', 'outside_window', await other({ windows: [{ from: NOW - 60_000, to: NOW }] })),
    vector('whose window begins now', 'allow', await other({ windows: [{ from: NOW, to: NOW + 3_600_000 }] })),
  ];
}

/** Other versions of the agreement, each signed by both, with the grant that names it. */
export async function agreements({ who, agreement, grant, chain }: Right): Promise<RightVector[]> {
  const under = async (over: Partial<Agreement>, signers = [who.vendor.agreement, who.buyer.agreement]) => {
    const document = { ...agreement, ...over };
    const signatures = await Promise.all(signers.map((one) => signDocument(document, one, NOW)));
    const named = await grantSigned(who, { ...grant, agreement: digestOf(document) });
    return [replace('/chain/agreement', { document, signatures }), replace('/chain/grant', named)];
  };
  const unknown = [...agreement.terms, { type: 'session-recording' }] as unknown as Agreement['terms'];
  return [
    vector(
      'signed by one side',
      'signature_missing',
      replace('/chain/agreement/signatures', chain.agreement.signatures.slice(0, 1)),
    ),
    vector(
      'signed twice by one side',
      'signature_missing',
      ...(await under({}, [who.vendor.agreement, who.vendor.agreement])),
    ),
    vector(
      'signed by a key for something else',
      'wrong_purpose',
      ...(await under({}, [who.vendor.agreement, who.buyerAgent.signer])),
    ),
    vector('that is over', 'agreement_over', ...(await under({ endsAt: NOW }))),
    vector('that is not in force yet', 'agreement_not_yet_effective', ...(await under({ effectiveFrom: NOW + 1 }))),
    vector('with a term that nothing evaluates', 'term_without_evaluator', ...(await under({ terms: unknown }))),
    vector(
      'without remote service',
      'kind_not_agreed',
      ...(await under({ terms: agreement.terms.filter(({ type }) => type !== 'remote-service') })),
    ),
  ];
}

export async function delegations(right: Right): Promise<RightVector[]> {
  const handed = async (over: object = {}, signers?: Parameters<typeof handOn>[2]) => {
    const made = await handOn(right, over, signers);
    return [
      { op: 'add', path: '/chain/delegations', value: made.chain.delegations } as const,
      replace('/loginProof', made.loginProof),
      replace('/subject/id', made.claims.sub),
    ];
  };
  const { technician, approver } = right.who;
  return [
    vector('handed on as a whole', 'allow', ...(await handed())),
    vector(
      'handed on wider than it was',
      'delegation_wider',
      ...(await handed({ actions: [id('ssh'), id('modbus')] })),
    ),
    vector(
      'handed on beyond its window',
      'delegation_wider',
      ...(await handed({ windows: [{ from: NOW - 60_000, to: NOW + 3_600_001 }] })),
    ),
    vector('handed on with one approver', 'approvals_missing', ...(await handed({}, [technician, approver]))),
    vector('handed on from another right', 'delegation_dangling', ...(await handed({ parent: digestOf('another') }))),
  ];
}
