import { decide, type LocalId, type OrganisationId, type Thumbprint, takenAwayBy } from '@interlock/domain';
import { aRight, BUYER, handOn, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import { verifyChain } from './right.js';

const id = (text: string) => text as LocalId;
const self = { organisation: BUYER, resources: [id('press-7')] };
const verify = (right: Right, at = NOW) =>
  verifyChain(right.chain, right.who.pins, self, { loginProof: right.loginProof }, at);
const code = async (right: Right) => {
  const said = await verify(right);
  return said.allowed ? 'allowed' : said.refusal.code;
};
const askOf = (right: Right) => ({
  subject: { organisation: VENDOR, kind: 'person' as const, id: right.claims.sub },
  leaf: right.leaf,
  action: id('ssh'),
  resource: { owner: BUYER, id: id('press-7') },
  session: null,
});
const none = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };

let right: Right;
beforeAll(async () => {
  right = await aRight();
});

describe('a delegation at the enforcement point', () => {
  it('lets the delegate in, names both, and lets the delegator in no longer under it', async () => {
    const handed = await handOn(right);
    const chain = await verify(handed);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    expect(chain.value.delegations.map((one) => one.document.requester.id)).toEqual(['technician']);
    expect(chain.value.documents).toContain(digestOf(handed.delegation));
    expect(decide(chain.value, askOf(handed), none, NOW)).toMatchObject({ allowed: true });
    expect(decide(chain.value, askOf(right), none, NOW)).toMatchObject({ refusal: { code: 'not_the_holder' } });
    // The delegator goes on under his own grant: what he gave he still has.
    expect(await code(right)).toBe('allowed');
  });

  it('opens in its own window inside the grant’s, and not for what was not handed on', async () => {
    const later = await handOn(right, { windows: [{ from: NOW + 600_000, to: NOW + 1_200_000 }] });
    const chain = await verify(later);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    expect(decide(chain.value, askOf(later), none, NOW)).toMatchObject({ refusal: { code: 'outside_window' } });
    const during = decide(chain.value, askOf(later), none, NOW + 600_000);
    expect(during).toMatchObject({ value: { window: { from: NOW + 600_000, to: NOW + 1_200_000 } } });
  });

  it.each([
    ['delegation_wider', { windows: [{ from: NOW, to: NOW + 3_600_001 }] }],
    ['delegation_wider', { actions: [id('ssh'), id('vnc')] }],
    ['delegation_wider', { purpose: id('training') }],
    ['delegation_dangling', { parent: digestOf('another') }],
    ['delegate_not_agreed', { subjects: [{ organisation: BUYER, kind: 'person' as const, id: id('operator') }] }],
    ['delegator_not_subject', { requester: { organisation: VENDOR, id: id('colleague') } }],
  ])('is refused as %s', async (refused, over) => expect(await code(await handOn(right, over))).toBe(refused));

  it('needs the delegator’s own delegation key, and the owner’s yes', async () => {
    const { technician, approver, secondApprover, vendorAgent, vendor } = right.who;
    expect(await code(await handOn(right, {}, [technician, approver]))).toBe('approvals_missing');
    expect(await code(await handOn(right, {}, [approver, secondApprover]))).toBe('signature_missing');
    expect(await code(await handOn(right, {}, [vendorAgent, approver, secondApprover]))).toBe('wrong_purpose');
    const other = await vendor.holder('person', 'colleague', ['delegate']);
    const chain = { ...right.chain, certificates: [...right.chain.certificates, other.certificate] };
    const foreign = await handOn({ ...right, chain }, {}, [other, approver, secondApprover]);
    expect(await code(foreign)).toBe('delegator_not_subject');
    const altered = await handOn(right);
    const [only] = altered.chain.delegations ?? [];
    const longer = only && { ...only, document: { ...only.document, reason: 'for good' } };
    expect(await code({ ...altered, chain: { ...altered.chain, delegations: longer ? [longer] : [] } })).toBe(
      'bad_signature',
    );
  });

  it('may be handed on again as deep as was agreed, each link signed, in order and none left out', async () => {
    const { approver, secondApprover, vendor } = right.who;
    const colleague = await vendor.holder('person', 'colleague', ['delegate']);
    const certificates = [...right.chain.certificates, colleague.certificate];
    const first = await handOn({ ...right, chain: { ...right.chain, certificates } });
    const to = (name: string) => ({ subjects: [{ organisation: VENDOR, kind: 'person' as const, id: id(name) }] });
    const signers = [colleague, approver, secondApprover];
    const second = await handOn(first, to('expert'), signers);
    expect(await code(second)).toBe('allowed');
    const links = second.chain.delegations ?? [];
    expect(await code({ ...second, chain: { ...second.chain, delegations: links.slice(1) } })).toBe(
      'delegation_dangling',
    );
    expect(await code({ ...second, chain: { ...second.chain, delegations: [...links].reverse() } })).toBe(
      'delegation_dangling',
    );
    expect(await code({ ...second, chain: { ...second.chain, delegations: links.slice(0, 1) } })).toBe(
      'proof_of_other_grant',
    );
    const expert = await vendor.holder('person', 'expert', ['delegate']);
    const deeper = { ...second, chain: { ...second.chain, certificates: [...certificates, expert.certificate] } };
    expect(await code(await handOn(deeper, to('third'), [expert, approver, secondApprover]))).toBe(
      'delegation_too_deep',
    );
  });

  it('may go to an expert of a third party that the agreement names', async () => {
    const third = 'experts.example' as OrganisationId;
    const stranger = await handOn(right, { subjects: [{ organisation: third, kind: 'person', id: id('expert') }] });
    expect(await code(stranger)).toBe('not_a_party');
  });

  it('dies with everything it rests on: grant, delegation, delegator, and the keys of all who signed', async () => {
    const { technician, secondApprover, buyer } = right.who;
    // The grant was not signed by this one: only the delegation rests on his key.
    const deputy = await buyer.holder('person', 'deputy-approver', ['approve'], { groups: [id('maintenance')] });
    const certificates = [...right.chain.certificates, deputy.certificate];
    const signers = [technician, deputy, secondApprover];
    const handed = await handOn({ ...right, chain: { ...right.chain, certificates } }, {}, signers);
    const chain = await verify(handed);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    const act = (organisation: OrganisationId, target: object) => ({
      act: {
        typ: 'act',
        v: 1,
        verb: 'revoke',
        organisation,
        agreementId: right.agreement.id,
        target,
        reason: '',
        lifts: null,
        sequence: 1,
        previous: null,
        issuedAt: NOW,
      },
      digest: digestOf('act'),
      signers: [organisation],
    });
    const dies = (organisation: OrganisationId, target: object) =>
      takenAwayBy([act(organisation, target) as never], { ...chain.value, session: null }, NOW) !== undefined;
    const kid = (holder: { signer: { kid: Thumbprint } }) => holder.signer.kid;
    for (const [owner, target] of [
      [BUYER, { kind: 'grant', id: right.grant.id }],
      [BUYER, { kind: 'grant', id: handed.delegation.id }],
      [VENDOR, { kind: 'grant', id: handed.delegation.id }],
      [VENDOR, { kind: 'person', id: 'technician' }],
      [VENDOR, { kind: 'person', id: 'colleague' }],
      [VENDOR, { kind: 'key', id: kid(right.who.technician) }],
      [BUYER, { kind: 'key', id: kid(right.who.approver) }],
      [BUYER, { kind: 'key', id: kid(deputy) }],
    ] as const)
      expect([target, dies(owner, target)]).toEqual([target, true]);
    // Nobody cuts another company's persons or keys, and a namesake of theirs is nobody here.
    expect(dies(BUYER, { kind: 'person', id: 'technician' })).toBe(false);
    expect(dies(BUYER, { kind: 'key', id: kid(right.who.technician) })).toBe(false);
    const facts = { ...none, invalid: new Set<string>([right.grant.id]) };
    expect(decide(chain.value, askOf(handed), facts, NOW)).toMatchObject({ refusal: { code: 'status_invalid' } });
  });

  it('is never said for another kind of document', async () => {
    const handed = await handOn(right);
    const { approver, secondApprover, technician } = right.who;
    const asGrant = { ...right.grant, subjects: handed.delegation.subjects };
    const signatures = await Promise.all(
      [technician, approver, secondApprover].map((one) => signDocument(asGrant, one.signer, NOW)),
    );
    const crossed = { document: handed.delegation, signatures };
    expect(await code({ ...handed, chain: { ...handed.chain, delegations: [crossed] } })).toBe('wrong_type');
  });
});
