import type {
  Acceptance,
  ActivationReview,
  Attestation,
  Exception,
  InsolvencyNotice,
  LocalId,
  MachineRecord,
  MachineTransfer,
  OrganisationId,
  SessionId,
} from '@interlock/domain';
import { aCompany, anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { verifyAnnex } from './annex.js';
import { digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import type { Signer } from './keys.js';
import { trust } from './trust.js';

const DAY = 86_400_000;
const id = (text: string) => text as LocalId;
const NEW_OWNER = 'gamma-metals.example' as OrganisationId;
const who = await aPartnership();
const newOwner = await aCompany(NEW_OWNER, NOW);
const agreement = anAgreement(who, { endsAt: NOW + 60 * DAY });
const certificates = [who.vendorAgent, who.buyerAgent, who.approver].map((one) => one.certificate);
const ringOf = async (more = false) => {
  const entities = [who.vendor.entity, who.buyer.entity, ...(more ? [newOwner.entity] : [])];
  const ring = await trust(entities, certificates, new Map([...who.pins, [NEW_OWNER, newOwner.pin]]), NOW);
  if (!ring.allowed) throw new Error(ring.refusal.code);
  return ring.value;
};
const [ring, wider] = [await ringOf(), await ringOf(true)];
const press = { owner: BUYER, id: id('press-7') };
const evidence = [{ title: 'report', digest: digestOf('report') }];
const head = { v: 1, agreementId: agreement.id, issuedAt: NOW } as const;
const control = id('iec-62443-3-3/sr-1.1');
const dates = { validFrom: NOW, validUntil: NOW + DAY };

const attestation: Attestation = {
  typ: 'attestation',
  ...head,
  organisation: VENDOR,
  control,
  statement: 'security keys for everybody',
  evidence,
  ...dates,
};
const acceptance: Acceptance = {
  typ: 'acceptance',
  ...head,
  organisation: BUYER,
  attestation: digestOf(attestation),
  validUntil: NOW + DAY,
};
const exception: Exception = {
  typ: 'exception',
  ...head,
  organisation: VENDOR,
  acceptedBy: BUYER,
  control,
  owner: id('security-lead'),
  reason: 'an old tool',
  compensation: 'a second person watches',
  ...dates,
};
const record: MachineRecord = {
  typ: 'machine-record',
  v: 1,
  resource: press,
  sequence: 1,
  previous: null,
  state: 'commissioned',
  nameplate: { uri: 'https://x.example/1', manufacturer: 'Alpine', product: 'P7', serial: '1', built: '2019' },
  site: id('north'),
  zone: id('pressing'),
  level: 1,
  firmware: '4.2',
  supportEndsAt: null,
  takenOver: null,
  issuedAt: NOW,
};
const transfer: MachineTransfer = {
  typ: 'machine-transfer',
  v: 1,
  from: press,
  to: { owner: NEW_OWNER, id: id('press-1') },
  nameplate: digestOf(record.nameplate),
  at: NOW + DAY,
  reason: 'sold',
  issuedAt: NOW,
};
const notice: InsolvencyNotice = {
  typ: 'insolvency-notice',
  ...head,
  organisation: BUYER,
  party: VENDOR,
  reason: 'opened by the court',
  evidence,
};

type Any = Attestation | Acceptance | Exception | MachineRecord | MachineTransfer | InsolvencyNotice;
const sign = async (document: Any, ...signers: Signer[]) => ({
  document,
  signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))),
});
const check = async (document: Any, signers: Signer[], keys = ring, now = NOW) =>
  verifyAnnex(await sign(document, ...signers), keys, agreement, now);
const { vendor, buyer } = who;

describe('a document that hangs on an agreement', () => {
  const sound: [Any, Signer[]][] = [
    [attestation, [vendor.agreement]],
    [acceptance, [buyer.agreement]],
    [exception, [vendor.agreement, buyer.agreement]],
    [record, [buyer.certify]],
    [transfer, [buyer.agreement, newOwner.agreement]],
    [notice, [buyer.agreement]],
  ];

  it.each(sound)('holds when everybody whose word it is has signed it: %#', async (document, signers) => {
    const keys = document.typ === 'machine-transfer' ? wider : ring;
    expect(await check(document, signers, keys)).toMatchObject({
      allowed: true,
      value: { annex: document, digest: digestOf(document), signers: signers.map((one) => one.organisation) },
    });
  });

  it.each(sound)('fails with any one member altered: %#', async (document, signers) => {
    const { signatures } = await sign(document, ...signers);
    const alter = (value: unknown): unknown => {
      if (typeof value === 'number') return value + 1;
      if (value === null) return digestOf('something');
      if (typeof value === 'string')
        return value.startsWith('sha256:')
          ? digestOf('another')
          : `${value.slice(0, -1)}${value.endsWith('x') ? 'y' : 'x'}`;
      if (Array.isArray(value)) return value.slice(1);
      const [first] = Object.keys(value as object);
      return { ...(value as object), [first as string]: alter((value as Record<string, unknown>)[first as string]) };
    };
    for (const [name, value] of Object.entries(document)) {
      const altered = { ...document, [name]: alter(value) };
      const verified = await verifyAnnex({ document: altered, signatures }, wider, agreement, NOW + 2);
      expect({ name, allowed: verified.allowed }).toEqual({ name, allowed: false });
    }
    const more = { ...document, unknown: 1 };
    expect(await verifyAnnex({ document: more, signatures }, wider, agreement, NOW)).toMatchObject({
      refusal: { code: 'malformed' },
    });
  });

  it.each<[string, Any, Signer[], string]>([
    ['an attestation by the running agent', attestation, [who.vendorAgent.signer], 'wrong_purpose'],
    ['an attestation by the other side', attestation, [buyer.agreement], 'wrong_issuer'],
    ['an attestation with a certify key', attestation, [vendor.certify], 'wrong_purpose'],
    ['an acceptance by an approver', acceptance, [who.approver.signer], 'wrong_purpose'],
    ['an acceptance by the one who attested', acceptance, [vendor.agreement], 'wrong_issuer'],
    ['an exception that one side alone signed', exception, [vendor.agreement], 'signature_missing'],
    ['an exception that the other side alone signed', exception, [buyer.agreement], 'signature_missing'],
    ['a record by the maker', record, [vendor.certify], 'wrong_issuer'],
    ['a record with an agreement key', record, [buyer.agreement], 'wrong_purpose'],
    ['a notice by the one it is about', notice, [vendor.agreement], 'wrong_issuer'],
  ])('is no word of anybody else: %s', async (_, document, signers, code) => {
    expect(await check(document, signers)).toMatchObject({ refusal: { code, clause: document.typ } });
  });

  const elsewhere = 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as typeof agreement.id;
  it.each<[string, Any, Signer[], string]>([
    ['another agreement', { ...attestation, agreementId: elsewhere }, [vendor.agreement], 'not_a_party'],
    ['a stranger', { ...attestation, organisation: NEW_OWNER }, [newOwner.agreement], 'not_a_party'],
    ['a concession to oneself', { ...exception, acceptedBy: VENDOR }, [vendor.agreement], 'not_a_party'],
    ['a concession by a stranger', { ...exception, acceptedBy: NEW_OWNER }, [vendor.agreement], 'not_a_party'],
    ['one’s own insolvency', { ...notice, party: BUYER }, [buyer.agreement], 'not_a_party'],
    ['the insolvency of a stranger', { ...notice, party: NEW_OWNER }, [buyer.agreement], 'not_a_party'],
    [
      'a machine that is not agreed',
      { ...record, resource: { owner: BUYER, id: id('press-8') } },
      [buyer.certify],
      'resource_not_agreed',
    ],
    [
      'a transfer of a machine that is not agreed',
      { ...transfer, from: { owner: BUYER, id: id('press-8') } },
      [buyer.agreement],
      'resource_not_agreed',
    ],
  ])('hangs on this agreement, its parties and its machines: %s', async (_, document, signers, code) => {
    expect(await check(document, signers, wider)).toMatchObject({ refusal: { code } });
  });

  it('from_the_future: beyond what a clock may run ahead', async () => {
    const signers = [vendor.agreement];
    expect(await check({ ...attestation, issuedAt: NOW + 60_000 }, signers)).toMatchObject({ allowed: true });
    expect(await check({ ...attestation, issuedAt: NOW + 60_001 }, signers)).toMatchObject({
      refusal: { code: 'from_the_future' },
    });
  });
});

describe('a transfer of a machine', () => {
  it('ends the old agreement by the word of the old owner, whether or not the new one is known there', async () => {
    const both = [buyer.agreement, newOwner.agreement];
    expect(await check(transfer, both)).toMatchObject({ allowed: true, value: { signers: [BUYER] } });
    expect(await check(transfer, both, wider)).toMatchObject({ value: { signers: [BUYER, NEW_OWNER] } });
    expect(await check(transfer, [buyer.agreement], wider)).toMatchObject({ refusal: { code: 'signature_missing' } });
    expect(await check(transfer, [newOwner.agreement])).toMatchObject({ refusal: { code: 'signature_missing' } });
    expect(await check(transfer, [newOwner.agreement, newOwner.agreement], wider)).toMatchObject({
      refusal: { code: 'signature_missing' },
    });
  });

  it('and an end of service stay said when the key that said so has expired', async () => {
    const late = NOW + 40 * DAY;
    expect(await check(transfer, [buyer.agreement], ring, late)).toMatchObject({ allowed: true });
    expect(await check({ ...record, state: 'decommissioned' }, [buyer.certify], ring, late)).toMatchObject({
      allowed: true,
    });
    expect(await check(record, [buyer.certify], ring, late)).toMatchObject({ refusal: { code: 'key_expired' } });
    expect(await check(attestation, [vendor.agreement], ring, late)).toMatchObject({
      refusal: { code: 'key_expired' },
    });
  });
});

describe('a review of what was activated', () => {
  const review: ActivationReview = {
    ...{
      typ: 'activation-review',
      ...head,
      organisation: BUYER,
      session: 'ses_0123456789abcdefghjkmnpqrs' as SessionId,
    },
    ...{ activation: digestOf('activation'), activatedBy: id('shift-lead'), reviewer: who.approver.id },
    ...{ finding: 'in-order', statement: 'the press stood' },
  };
  const codeOf = async (document: ActivationReview, signer: Signer, under = document) => {
    const signatures = [await signDocument(document, signer, NOW)];
    const verified = await verifyAnnex({ document: under, signatures }, ring, agreement, NOW);
    return verified.allowed ? 'holds' : verified.refusal.code;
  };

  it('is signed by the person who says that he looked, who is not the one who activated it', async () => {
    const { signer } = who.approver;
    expect(await codeOf(review, signer)).toBe('holds');
    expect(await codeOf(review, signer, { ...review, finding: 'not-in-order' })).toBe('bad_signature');
    expect(await codeOf({ ...review, reviewer: id('somebody-else') }, signer)).toBe('wrong_issuer');
    expect(await codeOf({ ...review, activatedBy: who.approver.id }, signer)).toBe('malformed');
    expect(await codeOf({ ...review, organisation: VENDOR }, signer)).not.toBe('holds');
    expect(await codeOf(review, who.buyer.agreement)).not.toBe('holds');
    expect(await codeOf(review, who.buyerAgent.signer)).not.toBe('holds');
    const elsewhere = { ...review, agreementId: 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as typeof agreement.id };
    expect(await codeOf(elsewhere, signer)).toBe('not_a_party');
    expect(await codeOf({ ...review, issuedAt: NOW + DAY }, signer)).toBe('from_the_future');
  });
});
