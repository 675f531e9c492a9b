import type { ChainDocuments } from '@interlock/contracts';
import type { Agreement, Grant, LocalId } from '@interlock/domain';
import {
  digestOf,
  keySigner,
  newPrivateKey,
  publicJwkOf,
  type Signer,
  signDocument,
  signed,
  thumbprintOf,
} from '@interlock/proof';
import {
  aCompany,
  aGrant,
  anAgreement,
  BUYER,
  bothSign,
  type Company,
  type Right,
  VENDOR,
} from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aPlant, type Plant, ready, refused } from './plant.js';

const by = async <D extends { typ: 'agreement' | 'grant' }>(document: D, signers: readonly Signer[]) => ({
  document,
  signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, Date.now()))),
});

describe('a broker and a vendor that sign what they like', () => {
  let plant: Plant;
  let right: Right;
  beforeAll(async () => {
    plant = await aPlant();
    right = plant.right;
    await ready(plant);
  });
  afterAll(() => plant[Symbol.asyncDispose]());

  const tried = (change: Partial<ChainDocuments>) => refused(plant, { chain: { ...right.chain, ...change } });
  const grantBy = (signers: readonly Signer[], over: Partial<Grant> = {}) =>
    by({ ...right.grant, ...over }, signers).then((grant) => tried({ grant }));
  const party = ({ organisation, pin, entity }: Company) => ({
    organisation,
    role: 'vendor' as const,
    root: pin,
    entity: digestOf(entity.document),
  });

  it('(f) cannot swap a root: in an entity document, in an agreement, or under a pin', async () => {
    const forged = await aCompany(BUYER, Date.now());
    expect(await tried({ entities: [right.who.vendor.entity, forged.entity] })).toBe('root_mismatch');
    const swapped = { ...right.who.buyer.entity.document, root: publicJwkOf(newPrivateKey()) };
    const entity = await signed(swapped, right.who.buyer.root, Date.now());
    expect(await tried({ entities: [right.who.vendor.entity, entity] })).toBe('root_mismatch');
    const underPin = await signed(right.who.buyer.entity.document, forged.root, Date.now());
    expect(await tried({ entities: [right.who.vendor.entity, underPin] })).toBe('unknown_key');
    const parties = [party(right.who.vendor), { ...party(right.who.buyer), root: forged.pin }];
    const agreement = { ...right.agreement, parties };
    expect(await tried({ agreement: await bothSign(right.who, agreement, Date.now()) })).toBe('party_root_not_pinned');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(f) cannot add keys to an entity document, or certify one that the root did not name', async () => {
    const { document, signatures } = right.who.buyer.entity;
    const own = keySigner(BUYER, newPrivateKey());
    const added = {
      document: { ...document, keys: [...document.keys, { key: own.key, purposes: ['certify'] }] },
      signatures,
    };
    expect(await tried({ entities: [right.who.vendor.entity, added] as never })).toBe('bad_signature');
    const certificate = await signed({ ...right.who.approver.certificate.document, key: own.key }, own, Date.now());
    expect(await tried({ certificates: [...right.chain.certificates, certificate] })).toBe('unknown_key');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(j) cannot reach the press by an agreement of the vendor with itself', async () => {
    const { vendor, technician } = right.who;
    const withItself = async (over: Partial<Agreement>) => {
      const agreement = anAgreement(right.who, { parties: [party(vendor)], ...over }, Date.now());
      const grant = aGrant(agreement, {}, Date.now());
      return tried({
        agreement: await by(agreement, [vendor.agreement]),
        grant: await by(grant, [technician.signer, right.who.approver.signer]),
      });
    };
    expect(await withItself({ house: true })).toBe('agreement_incoherent');
    expect(await withItself({ house: false })).toBe('agreement_incoherent');
    expect(await withItself({ house: true, resources: [], terms: [] })).toBe('not_a_party');
    const twice = { parties: [party(vendor), party(vendor)], resources: [], terms: [] };
    expect(await withItself(twice)).toBe('signature_missing');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(j) cannot reach the press by an agreement of the vendor with a second vendor', async () => {
    const now = Date.now();
    const second = await aCompany('second-vendor.example', now);
    const approver = await second.holder('person', 'helpful', ['approve'], { groups: ['maintenance' as LocalId] });
    const agreement = anAgreement(right.who, { parties: [party(right.who.vendor), party(second)] }, now);
    const grant = aGrant(agreement, {}, now);
    const documents = {
      entities: [right.who.vendor.entity, second.entity],
      certificates: [right.who.technician.certificate, right.who.vendorAgent.certificate, approver.certificate],
      agreement: await by(agreement, [right.who.vendor.agreement, second.agreement]),
      grant: await by(grant, [right.who.technician.signer, approver.signer]),
    };
    expect(await tried(documents)).toBe('not_pinned');
    const without = { ...documents, entities: [right.who.vendor.entity, right.who.buyer.entity] };
    expect(await tried({ ...without, certificates: right.chain.certificates })).toBe('unknown_key');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot reach the machine of the own company: the owner is somebody else than this plant', async () => {
    const { vendor, buyer, technician, approver } = right.who;
    const elsewhere = { owner: VENDOR, id: 'press-7' as LocalId };
    const resources = [{ ...elsewhere, class: 'standard' as const, services: ['ssh' as LocalId] }];
    const terms = right.agreement.terms.filter((term) => term.type === 'remote-service');
    const agreement = anAgreement(right.who, { resources, terms }, Date.now());
    // The sides swapped: the vendor approves for itself what a person of the buyer asks.
    const vendorsApprovers = await Promise.all(
      ['one', 'two'].map((id) => vendor.holder('person', id, ['approve'], { groups: ['maintenance' as LocalId] })),
    );
    const asker = await buyer.holder('person', 'asker', ['grant']);
    const grant = aGrant(
      agreement,
      {
        resources: [elsewhere],
        requester: { organisation: BUYER, id: asker.id },
        subjects: [{ organisation: BUYER, kind: 'person', id: asker.id }],
      },
      Date.now(),
    );
    const certificates = [
      ...right.chain.certificates,
      asker.certificate,
      ...vendorsApprovers.map((one) => one.certificate),
    ];
    const signers = [asker.signer, ...vendorsApprovers.map((one) => one.signer)];
    const documents = {
      agreement: await bothSign(right.who, agreement, Date.now()),
      grant: await by(grant, signers),
      certificates,
    };
    expect(await tried(documents)).toBe('not_self');
    expect([technician.id, approver.id]).toEqual(['technician', 'first-approver']);
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot do without the second approver, nor let a guest, an agent or a stranger stand in', async () => {
    const { technician, approver, secondApprover, buyer, vendor } = right.who;
    const group = { groups: ['maintenance' as LocalId] };
    const guest = await buyer.holder('person', 'guest', ['approve'], { ...group, guest: true });
    const agent = await buyer.holder('agent', 'second-agent', ['approve'], group);
    const outsider = await buyer.holder('person', 'accountant', ['approve']);
    const vendors = await vendor.holder('person', 'sales', ['approve'], group);
    const certificates = [
      ...right.chain.certificates,
      ...[guest, agent, outsider, vendors].map((one) => one.certificate),
    ];
    const withSecond = async (signers: readonly Signer[]) =>
      tried({ certificates, grant: await by(right.grant, [technician.signer, approver.signer, ...signers]) });
    expect(await withSecond([])).toBe('approvals_missing');
    expect(await withSecond([approver.signer])).toBe('approvals_missing');
    expect(await withSecond([guest.signer])).toBe('approvals_missing');
    expect(await withSecond([agent.signer])).toBe('approvals_missing');
    expect(await withSecond([outsider.signer])).toBe('approvals_missing');
    expect(await withSecond([vendors.signer])).toBe('wrong_purpose');
    expect(await grantBy([approver.signer, secondApprover.signer])).toBe('signature_missing');
    expect(await grantBy([technician.signer])).toBe('signature_missing');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot widen a grant that was signed, or hang it on another version', async () => {
    const { document, signatures } = right.chain.grant;
    const windows = [{ from: document.windows[0]!.from, to: document.windows[0]!.to + 60_000 }];
    expect(await tried({ grant: { document: { ...document, windows }, signatures } })).toBe('bad_signature');
    const agreement = await bothSign(right.who, { ...right.agreement, version: 2 }, Date.now());
    expect(await tried({ agreement })).toBe('grant_of_other_agreement');
    const regrant = { ...right.grant, agreement: digestOf(agreement.document) };
    const { technician, approver, secondApprover } = right.who;
    const grant = await by(regrant, [technician.signer, approver.signer, secondApprover.signer]);
    // Both companies signed this version once; the beats name another one.
    expect(await tried({ agreement, grant })).toBe('not_what_is_held');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot use a right to data as a right to the wire it comes from', async () => {
    const { technician, approver, secondApprover } = right.who;
    const over = {
      kind: 'data-collection',
      actions: ['press-telemetry'],
      purpose: 'predictive-maintenance',
      ticket: null,
    };
    const grant = await by({ ...right.grant, ...over } as unknown as Grant, [
      technician.signer,
      approver.signer,
      secondApprover.signer,
    ]);
    const code = await refused(plant, { chain: { ...right.chain, grant }, action: 'press-telemetry' as LocalId });
    expect(code).toBe('outside_grant');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot open what the gateway is not provisioned for, though both companies agreed it', async () => {
    const { technician, approver, secondApprover } = right.who;
    const press8 = { owner: BUYER, id: 'press-8' as LocalId };
    const resources = [
      ...right.agreement.resources,
      { ...press8, class: 'standard' as const, services: ['ssh' as LocalId] },
    ];
    const agreement = await bothSign(right.who, { ...right.agreement, resources }, Date.now());
    const regrant = { ...right.grant, agreement: digestOf(agreement.document), resources: [press8] };
    const grant = await by(regrant, [technician.signer, approver.signer, secondApprover.signer]);
    expect(await refused(plant, { chain: { ...right.chain, agreement, grant }, resource: press8 })).toBe(
      'not_on_provisioning_list',
    );
    expect(await refused(plant, { resource: press8 })).toBe('outside_grant');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot let a machine or a workload stand in for the person', async () => {
    const workload = await right.who.vendor.holder('workload', 'technician', ['subject']);
    const certificates = [...right.chain.certificates, workload.certificate];
    const subject = { organisation: VENDOR, kind: 'workload' as const, id: 'technician' as LocalId };
    const leaf = thumbprintOf(publicJwkOf(workload.key));
    const chain = { ...right.chain, certificates };
    expect(await refused(plant, { chain, loginProof: null, leaf, subject }, { jkt: leaf })).toBe('outside_grant');
    const person = { ...subject, kind: 'person' as const };
    expect(await refused(plant, { chain, loginProof: null, leaf, subject: person }, { jkt: leaf })).toBe(
      'subject_unknown',
    );
    expect(plant.machine.bytes()).toBe(0);
  });
});
