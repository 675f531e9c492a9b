import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Beat, LocalId, OrganisationId, Purpose, Thumbprint } from '@interlock/domain';
import { digestOf, type KeyRing, signed, thumbprintOf, trust, verifyAgreement, verifyBeat } from '@interlock/proof';
import { anAgreement, aPartnership, NOW } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  addMachine,
  addPerson,
  addPin,
  addPinFromFile,
  initCompany,
  type KeyName,
  layout,
  openPersonKey,
  ownPin,
  PIPELINE_ID,
  readCompany,
  readSigner,
  renewCertificates,
  renewEntity,
  rotateKey,
  rotateRoot,
  setApproverHours,
  signAgreement,
  signRoleMapping,
} from './index.js';

const BUYER = 'delta-foods.example' as OrganisationId;
const VENDOR = 'alpine-presses.example' as OrganisationId;
const PASSPHRASE = 'correct horse battery';
const DAY = 86_400_000;
const id = (text: string) => text as LocalId;
const LEAD = { kind: 'person', id: id('shift-lead'), passphrase: 'another good passphrase' } as const;

const COMPANY = {
  name: 'A Company',
  jurisdiction: 'DE',
  agentOrigin: 'http://127.0.0.1:4001',
  brokerOrigin: 'http://127.0.0.1:4000',
  identityProvider: { issuer: 'http://127.0.0.1:4002', clientId: 'company-agent' },
  now: NOW,
};

let root: string;
let dir: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'rotate-'));
  dir = join(root, 'company');
  await initCompany(dir, { ...COMPANY, organisation: BUYER });
  const person = { id: LEAD.id, groups: [id('maintenance')], purposes: ['approve'], passphrase: PASSPHRASE, now: NOW };
  await addPerson(dir, { ...person, purposes: ['approve'] });
  await addMachine(dir, { id: id('press-7'), now: NOW });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function ringAt(now: number): Promise<KeyRing> {
  const view = readCompany(dir);
  const ring = await trust(view.entities, view.certificates, view.pins, now);
  if (!ring.allowed) throw new Error(JSON.stringify(ring.refusal));
  return ring.value;
}

const rotated = async (name: KeyName, now: number, compromised = false) => {
  const done = await rotateKey(dir, name, { now, compromised });
  if (!done.allowed) throw new Error(done.refusal.code);
  return done.value;
};

describe('rotating a key of a holder', () => {
  it('certifies the new one for the same, and the old one goes on until its certificate ends, renewed by nobody', async () => {
    const names: readonly (readonly [KeyName, Purpose])[] = [
      ['agent', 'login'],
      ['beat', 'beat'],
      ['witness', 'witness'],
      ['open', 'open'],
      [LEAD, 'approve'],
      [{ kind: 'machine', id: id('press-7') }, 'subject'],
      [{ kind: 'workload', id: PIPELINE_ID }, 'call'],
    ];
    const later = NOW + 3_600_000;
    const done = [];
    for (const [name, purpose] of names) done.push({ purpose, ...(await rotated(name, later)) });
    const ring = await ringAt(later);
    await renewCertificates(dir, later + 1, () => true);
    await renewEntity(dir, later + 2);
    const renewed = await ringAt(later + 2);
    for (const { purpose, before, after } of done) {
      const [old] = ring.find(BUYER, before, purpose);
      const { holder, purposes, groups } = old ?? {};
      expect(ring.find(BUYER, after, purpose)).toMatchObject([{ holder, purposes, groups, notBefore: later }]);
      expect(renewed.find(BUYER, before, purpose)).toMatchObject([{ notAfter: old?.notAfter }]);
    }
  });

  it('leaves the new private key alone in the place of the old one, opened by a person with the new passphrase', async () => {
    const person = await rotated(LEAD, NOW + 1);
    const opened = openPersonKey(layout(dir).person(LEAD.id), BUYER, LEAD.passphrase);
    expect(opened).toMatchObject({ allowed: true, value: { kid: person.after } });
    expect(openPersonKey(layout(dir).person(LEAD.id), BUYER, PASSPHRASE)).toMatchObject({ allowed: false });
    const beat = await rotated('beat', NOW + 1);
    expect(readSigner(layout(dir).keys, 'beat', BUYER).kid).toBe(beat.after);
    const machine = layout(dir).machine(id('press-7'));
    const { after } = await rotated({ kind: 'machine', id: id('press-7') }, NOW + 1);
    const carried = JSON.parse(readFileSync(join(machine, 'certificate.json'), 'utf8'));
    expect([readSigner(machine, 'key', BUYER).kid, thumbprintOf(carried.document.key)]).toEqual([after, after]);
  });

  it('keeps what was said of the holder: the hours of an approver are those of the new key', async () => {
    const hours = [{ from: NOW, to: NOW + DAY }];
    await setApproverHours(dir, LEAD.id, hours, NOW);
    const { after } = await rotated(LEAD, NOW + 1);
    expect((await ringAt(NOW + 1)).find(BUYER, after, 'approve')).toMatchObject([{ hours }]);
    await setApproverHours(dir, LEAD.id, null, NOW + 2);
    expect((await ringAt(NOW + 2)).find(BUYER, after, 'approve')).toMatchObject([{ hours: null }]);
  });

  it('that others may have ends its epoch: what the thief beats counts nowhere', async () => {
    const stolen = readSigner(layout(dir).keys, 'beat', BUYER);
    const ask = { organisation: 'alpine-presses.example' as OrganisationId, id: id('gateway') };
    const held = { agreement: digestOf(1), entity: digestOf(2), acts: digestOf(3), status: digestOf(4) };
    const beat: Beat = {
      ...{ typ: 'beat', v: 1, organisation: BUYER, epoch: 1, receiver: ask, nonce: '0123456789abcdef', ...held },
      ...{ agreementId: 'agr_00000000000000000000000000' as Beat['agreementId'], checkpoint: null, issuedAt: NOW },
    };
    const beats = async (epoch: number, by = stolen) =>
      verifyBeat(await signed({ ...beat, epoch }, by, NOW), await ringAt(NOW), ask, held, NOW);
    await rotated('beat', NOW);
    expect(await beats(1)).toMatchObject({ allowed: true });
    await rotated('beat', NOW, true);
    expect(await beats(1)).toMatchObject({ refusal: { code: 'epoch_over' } });
    expect(await beats(2)).toMatchObject({ refusal: { code: 'epoch_over' } });
    expect(await beats(2, readSigner(layout(dir).keys, 'beat', BUYER))).toMatchObject({ allowed: true });
  });

  it('is refused where the company has no such key', async () => {
    const nobody: KeyName = { kind: 'gateway', id: id('nowhere') };
    expect(await rotateKey(dir, nobody, { now: NOW })).toMatchObject({ refusal: { code: 'unknown_key' } });
  });
});

describe('rotating a key of the organisation itself', () => {
  const agreed = async (now: number) => {
    const view = readCompany(dir);
    const party = { ...ownPin(dir), role: 'buyer' as const, entity: digestOf(view.entities.at(-1)?.document) };
    const agreement = { ...anAgreement(await aPartnership()), house: true, parties: [party], resources: [], terms: [] };
    const block = await signAgreement(dir, agreement, now);
    if (!block.allowed) throw new Error(block.refusal.code);
    const document = { document: agreement, signatures: [block.value] };
    return async (at: number) => verifyAgreement(document, await ringAt(at), readCompany(dir).pins, at);
  };

  it('the agreement key: what the old one signed goes on to count, and the new one signs', async () => {
    const first = await agreed(NOW);
    const { before } = await rotated('agreement', NOW + 60_000);
    expect(readSigner(layout(dir).offline, 'agreement', BUYER).kid).not.toBe(before);
    expect(await first(NOW + 120_000)).toMatchObject({ allowed: true });
    expect(await (await agreed(NOW + 120_000))(NOW + 120_000)).toMatchObject({ allowed: true });
  });

  it('the agreement key that others may have: nothing it signed counts until the new one signs it', async () => {
    const first = await agreed(NOW);
    await rotated('agreement', NOW + 60_000, true);
    expect(await first(NOW + 120_000)).toMatchObject({ refusal: { code: 'unknown_key' } });
    expect(await (await agreed(NOW + 120_000))(NOW + 120_000)).toMatchObject({ allowed: true });
  });

  it.each([false, true])(
    'the certify key (others may have it: %s): certificates and roles are signed anew as they are',
    async (stolen) => {
      const wish = {
        scopes: [],
        rules: [{ claim: 'sub', value: 'shift-lead', role: 'approver' as const }],
        outsideAuditors: [],
      };
      await signRoleMapping(dir, wish, NOW);
      const dates = async (now: number) =>
        (await ringAt(now))
          .held(BUYER, 'person', LEAD.id)
          .map(({ kid, notBefore, notAfter }) => [kid, notBefore, notAfter]);
      const before = await dates(NOW);
      const old = readSigner(layout(dir).offline, 'certify', BUYER);
      await rotated('certify', NOW + 60_000, stolen);
      expect(await dates(NOW + 60_000)).toEqual(before);
      expect(readCompany(dir).roles?.document).toMatchObject({ sequence: 2, rules: wish.rules });
      // Whoever has the old one certifies nobody where it is named no longer.
      const view = readCompany(dir);
      const [any] = view.certificates;
      if (!any) throw new Error('the company has certificates');
      const forged = await signed(
        { ...any.document, entity: digestOf(view.entities.at(-1)?.document) },
        old,
        NOW + 60_000,
      );
      const taken = await trust(view.entities, [forged], view.pins, NOW + 60_000);
      expect(taken).toMatchObject(stolen ? { refusal: { code: 'unknown_key' } } : { allowed: true });
    },
  );

  it('goes on to name every key that it named', async () => {
    const before = (await ringAt(NOW)).entities.get(BUYER)?.document.keys ?? [];
    await rotated('certify', NOW + 60_000);
    await rotated('agreement', NOW + 120_000);
    const after = (await ringAt(NOW + 120_000)).entities.get(BUYER)?.document;
    expect(after).toMatchObject({ sequence: 3 });
    expect(after?.keys).toHaveLength(before.length + 2);
  });
});

describe('rotating the root', () => {
  const pinsOf = (pin: Thumbprint) => new Map([[BUYER, pin]]);

  it('the old one names the new one; under either pin the company is the same, with all its keys', async () => {
    const before = (await ringAt(NOW)).held(BUYER, 'person', LEAD.id).map(({ kid }) => kid);
    const done = await rotateRoot(dir, NOW + 60_000);
    expect(readSigner(layout(dir).offline, 'root', BUYER).kid).toBe(done.after);
    const view = readCompany(dir);
    expect(view.pins.get(BUYER)).toBe(done.after);
    for (const pin of [done.before, done.after]) {
      const ring = await trust(view.entities, view.certificates, pinsOf(pin), NOW + 60_000);
      expect(ring.allowed && ring.value.held(BUYER, 'person', LEAD.id).map(({ kid }) => kid)).toEqual(before);
    }
    await renewEntity(dir, NOW + 120_000);
    const again = await rotateRoot(dir, NOW + 180_000);
    expect(again.before).toBe(done.after);
    const later = readCompany(dir);
    for (const pin of [done.before, done.after, again.after])
      expect(await trust(later.entities, later.certificates, pinsOf(pin), NOW + 180_000)).toMatchObject({
        allowed: true,
      });
  });

  it('makes anew what would revoke everything, by the new root', async () => {
    const { after, before } = await rotateRoot(dir, NOW + 60_000);
    const prepared: unknown = JSON.parse(readFileSync(layout(dir).revokeAll, 'utf8'));
    for (const pin of [before, after]) {
      const ring = await trust([prepared], [], pinsOf(pin), NOW + 60_000);
      expect(ring.allowed && ring.value.entities.get(BUYER)?.revoked).toBe(true);
    }
  });

  it('ended half-way, goes on with the same new root', async () => {
    const next = join(layout(dir).offline, 'root.next.pem');
    const { after } = await rotateRoot(dir, NOW + 60_000);
    // As it is left by a run that was ended before its last step.
    copyFileSync(join(layout(dir).offline, 'root.pem'), next);
    expect((await rotateRoot(dir, NOW + 61_000)).after).toBe(after);
    expect([existsSync(next), readCompany(dir).entities.length]).toEqual([false, 2]);
  });

  it('a partner pins the new one by what the old one signed, or by hand; never over another', async () => {
    const theirs = join(root, 'partner');
    await initCompany(theirs, { ...COMPANY, organisation: VENDOR });
    const { succession, before, after } = await rotateRoot(dir, NOW);
    const file = join(root, 'succession.json');
    writeFileSync(file, JSON.stringify(succession));
    expect(await addPinFromFile(theirs, file, NOW)).toMatchObject({ refusal: { code: 'not_pinned' } });
    addPin(theirs, BUYER, before);
    const stranger = 'A'.repeat(43) as Thumbprint;
    expect(addPin(theirs, BUYER, after)).toMatchObject({ refusal: { code: 'root_mismatch' } });
    expect(addPin(theirs, BUYER, after, stranger)).toMatchObject({ refusal: { code: 'root_mismatch' } });
    expect(await addPinFromFile(theirs, file, NOW)).toMatchObject({ value: { root: after, replaced: before } });
    expect(readCompany(theirs).pins.get(BUYER)).toBe(after);
    expect(addPin(theirs, BUYER, stranger, after)).toMatchObject({ allowed: true });
    expect(await addPinFromFile(theirs, file, NOW)).toMatchObject({ refusal: { code: 'root_mismatch' } });
    writeFileSync(file, JSON.stringify({ ...succession, document: { ...succession.document, to: stranger } }));
    expect(await addPinFromFile(theirs, file, NOW)).toMatchObject({ refusal: { code: 'bad_signature' } });
  });
});
