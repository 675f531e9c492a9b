import type { LocalId, OrganisationId, QuarantineRelease } from '@interlock/domain';
import { aCompany, anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signed } from './envelope.js';
import type { Signer } from './keys.js';
import { verifyQuarantineRelease } from './quarantine-release.js';
import { trust } from './trust.js';

const HOUR = 3_600_000;
const who = await aPartnership();
const stranger = await aCompany('gamma-metals.example' as OrganisationId, NOW);
const strangers = await stranger.holder('person', 'first-approver', ['approve']);
const guest = await who.buyer.holder('person', 'guest', ['approve'], { guest: true });
const robot = await who.buyer.holder('workload', 'robot', ['approve']);
const agreement = anAgreement(who);
const trusted = await trust(
  [who.vendor.entity, who.buyer.entity, stranger.entity],
  [who.approver, who.technician, strangers, guest, robot].map(({ certificate }) => certificate),
  new Map([...who.pins, [stranger.organisation, stranger.pin]]),
  NOW,
);
if (!trusted.allowed) throw new Error(trusted.refusal.code);
const ring = trusted.value;

const finding = {
  ...{ agreementId: agreement.id, gateway: { organisation: BUYER, id: who.gateway.id }, flow: 'grt_one' },
  ...{ content: digestOf('held'), foundAt: NOW - 1 },
};
const release: QuarantineRelease = {
  ...{ typ: 'quarantine-release', v: 1, organisation: BUYER, ...finding, reason: 'known here' },
  ...{ issuedAt: NOW, expiresAt: NOW + HOUR },
};
const asked = { ...finding, owner: BUYER, recipients: [VENDOR], presenter: null };
const check = async (change: Partial<QuarantineRelease>, by: Signer = who.approver.signer, over = {}) =>
  verifyQuarantineRelease(await signed({ ...release, ...change }, by, NOW), ring, { ...asked, ...over }, NOW);

describe('a release of what was held back', () => {
  it('is the word of the person whose key may approve', async () => {
    const by = { organisation: BUYER, id: who.approver.id };
    expect(await check({})).toEqual({ allowed: true, value: { by, digest: digestOf(release) } });
  });

  const other = 'other' as LocalId;
  it.each<[string, Partial<QuarantineRelease>, Signer | undefined, string, string | undefined]>([
    [
      'of another agreement',
      { agreementId: `agr_${'0'.repeat(26)}` as never },
      undefined,
      'release_unfit',
      'agreement',
    ],
    ['at another gateway', { gateway: { organisation: BUYER, id: other } }, undefined, 'release_unfit', 'gateway'],
    [
      'at a gateway of others',
      { gateway: { organisation: VENDOR, id: who.gateway.id } },
      undefined,
      'release_unfit',
      'gateway',
    ],
    ['of another flow', { flow: 'grt_two' }, undefined, 'release_unfit', 'flow'],
    ['of other bytes', { content: digestOf('other') }, undefined, 'release_unfit', 'content'],
    ['of an earlier finding of the same bytes', { foundAt: NOW - 2 }, undefined, 'release_unfit', 'finding'],
    ['over', { issuedAt: NOW - HOUR, expiresAt: NOW }, undefined, 'release_unfit', 'time'],
    ['good for longer than a week', { expiresAt: NOW + 8 * 24 * HOUR }, undefined, 'release_unfit', 'time'],
    [
      'of a day that has not come',
      { issuedAt: NOW + HOUR, expiresAt: NOW + 2 * HOUR },
      undefined,
      'release_unfit',
      'time',
    ],
    [
      'of somebody who is no party to it',
      { organisation: stranger.organisation },
      strangers.signer,
      'release_unfit',
      'organisation',
    ],
    ['of a guest', {}, guest.signer, 'release_unfit', 'person'],
    ['of no person', {}, robot.signer, 'release_unfit', 'person'],
    ['signed by the other side', {}, who.technician.signer, 'wrong_issuer', undefined],
    ['of a key that may not approve', { organisation: VENDOR }, who.technician.signer, 'wrong_purpose', undefined],
    ['without a reason', { reason: '' }, undefined, 'malformed', undefined],
  ])('is none where it is %s', async (_, change, by, code, clause) => {
    expect(await check(change, by)).toMatchObject({ refusal: clause === undefined ? { code } : { code, clause } });
  });

  it('is none of whoever brought the bytes', async () => {
    const presenter = { organisation: BUYER, kind: 'person', id: who.approver.id };
    expect(await check({}, undefined, { presenter })).toMatchObject({ refusal: { clause: 'presenter' } });
  });

  it('is none once a word of it was altered', async () => {
    const { document, signatures } = await signed(release, who.approver.signer, NOW);
    const altered = { document: { ...document, reason: 'other' }, signatures };
    const verified = await verifyQuarantineRelease(altered, ring, asked, NOW);
    expect(verified).toMatchObject({ refusal: { code: 'bad_signature' } });
  });
});
