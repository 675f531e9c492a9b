import type { LocalId, MemberList, OrganisationId } from '@interlock/domain';
import { aCompany, anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { verifyAnnex } from './annex.js';
import { signDocument } from './envelope.js';
import type { Signer } from './keys.js';
import { trust } from './trust.js';

const DAY = 86_400_000;
const id = (text: string) => text as LocalId;
const NEW_OWNER = 'gamma-metals.example' as OrganisationId;
const who = await aPartnership();
const newOwner = await aCompany(NEW_OWNER, NOW);
const { vendor, buyer } = who;
const agreement = anAgreement(who, { endsAt: NOW + 60 * DAY });
const certificates = [who.vendorAgent, who.buyerAgent, who.approver].map((one) => one.certificate);
const head = { v: 1, agreementId: agreement.id, issuedAt: NOW } as const;
const entities = [vendor.entity, buyer.entity];
const known = await trust(entities, certificates, who.pins, NOW);
if (!known.allowed) throw new Error(known.refusal.code);
const ring = known.value;

describe('a member list', () => {
  const presses: MemberList = {
    ...{ typ: 'member-list', ...head, organisation: BUYER, group: id('presses'), of: 'resource' },
    members: [id('press-7'), id('press-8')],
  };
  const experts: MemberList = { ...presses, organisation: VENDOR, group: id('experts'), of: 'person' };
  const codeOf = async (document: MemberList, signer: Signer, under = document, now = NOW) => {
    const signatures = [await signDocument(document, signer, NOW)];
    const verified = await verifyAnnex({ document: under, signatures }, ring, agreement, now);
    return verified.allowed ? 'holds' : verified.refusal.code;
  };
  const { signer } = who.approver;

  it('of machines is signed by an approver of their owner, one of subjects by their company’s certify key', async () => {
    expect(await codeOf(presses, signer)).toBe('holds');
    expect(await codeOf(experts, vendor.certify)).toBe('holds');
    expect(await codeOf(presses, buyer.certify)).toBe('wrong_purpose');
    expect(await codeOf(experts, vendor.agreement)).toBe('wrong_purpose');
    expect(await codeOf(experts, who.vendorAgent.signer)).toBe('wrong_purpose');
    expect(await codeOf(experts, buyer.certify)).toBe('wrong_issuer');
    expect(await codeOf({ ...presses, organisation: VENDOR }, signer)).toBe('wrong_issuer');
    expect(await codeOf({ ...experts, organisation: NEW_OWNER }, newOwner.certify)).toBe('not_a_party');
    expect(await codeOf(experts, vendor.certify, experts, NOW + 40 * DAY)).toBe('key_expired');
  });

  it('is no list of a guest or of a process, though its key may approve', async () => {
    const guest = await buyer.holder('person', 'visitor', ['approve'], { guest: true });
    const process = await buyer.holder('workload', 'desk', ['approve']);
    for (const { signer: other, certificate } of [guest, process]) {
      const wide = await trust(entities, [...certificates, certificate], who.pins, NOW);
      if (!wide.allowed) throw new Error(wide.refusal.code);
      const input = { document: presses, signatures: [await signDocument(presses, other, NOW)] };
      expect(await verifyAnnex(input, wide.value, agreement, NOW)).toMatchObject({
        refusal: { code: 'wrong_issuer', clause: 'approver' },
      });
    }
  });

  it('fails with any one member altered', async () => {
    const agreementId = 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as typeof agreement.id;
    for (const over of [
      { members: [...presses.members, id('press-9')] },
      { members: presses.members.slice(1) },
      { group: id('others') },
      { of: 'machine' },
      { issuedAt: NOW - 1 },
    ] as const)
      expect(await codeOf(presses, signer, { ...presses, ...over } as MemberList)).not.toBe('holds');
    expect(await codeOf({ ...presses, agreementId }, signer)).toBe('not_a_party');
    expect(await codeOf({ ...presses, issuedAt: NOW + DAY }, signer)).toBe('from_the_future');
    expect(await codeOf({ ...presses, members: [] }, signer)).toBe('malformed');
    expect(await codeOf({ ...presses, more: 1 } as never, signer)).toBe('malformed');
  });
});
