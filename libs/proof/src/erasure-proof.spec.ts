import type { Digest, ErasureProof, OrganisationId } from '@interlock/domain';
import { aCompany, anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signed } from './envelope.js';
import { digestOfBatches, verifyErasureProof } from './erasure-proof.js';
import type { Signer } from './keys.js';
import { trust } from './trust.js';

const HOUR = 3_600_000;
const who = await aPartnership();
const stranger = await aCompany('gamma-metals.example' as OrganisationId, NOW);
const agreement = anAgreement(who);
const trusted = await trust(
  [who.vendor.entity, who.buyer.entity, stranger.entity],
  [who.vendorAgent.certificate],
  new Map([...who.pins, [stranger.organisation, stranger.pin]]),
  NOW,
);
if (!trusted.allowed) throw new Error(trusted.refusal.code);
const ring = trusted.value;

const BATCHES = [digestOf('one'), digestOf('two')];
const proof: ErasureProof = {
  ...{ typ: 'erasure-proof', v: 1, organisation: VENDOR, agreementId: agreement.id, erased: 2, kept: 0 },
  ...{ batches: digestOfBatches(BATCHES), held: null, issuedAt: NOW },
};
const check = async (
  change: Partial<ErasureProof>,
  signer: Signer = who.vendor.agreement,
  batches: readonly Digest[] = BATCHES,
) => verifyErasureProof(await signed({ ...proof, ...change }, signer, NOW), batches, ring, agreement, NOW);

describe('what a company signed that it erased', () => {
  it('is its word over these batches, in whatever order they are told', async () => {
    expect(await check({})).toEqual({ allowed: true, value: proof });
    expect(await check({}, undefined, [...BATCHES].reverse())).toMatchObject({ allowed: true });
  });

  it.each<[string, Partial<ErasureProof>, Signer | undefined, readonly Digest[] | undefined, string]>([
    ['of another agreement', { agreementId: `agr_${'0'.repeat(26)}` as never }, undefined, undefined, 'not_a_party'],
    [
      'of a company that is no party',
      { organisation: stranger.organisation },
      stranger.agreement,
      undefined,
      'not_a_party',
    ],
    ['signed by the other side', {}, who.buyer.agreement, undefined, 'wrong_issuer'],
    ['signed by a running agent', {}, who.vendorAgent.signer, undefined, 'wrong_purpose'],
    ['of a day that has not come', { issuedAt: NOW + HOUR }, undefined, undefined, 'from_the_future'],
    ['told with a batch less', {}, undefined, BATCHES.slice(1), 'erasure_differs'],
    ['told with another batch', {}, undefined, [digestOf('one'), digestOf('three')], 'erasure_differs'],
    ['of more batches than it names', { erased: 3 }, undefined, undefined, 'erasure_differs'],
    ['held for no reason', { held: { reason: '', since: NOW } }, undefined, undefined, 'malformed'],
  ])('is nothing where it is %s', async (_, change, signer, batches, code) => {
    expect(await check(change, signer, batches)).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('is nothing once a word of it was altered', async () => {
    const { document, signatures } = await signed(proof, who.vendor.agreement, NOW);
    const altered = { document: { ...document, kept: 7 }, signatures };
    expect(await verifyErasureProof(altered, BATCHES, ring, agreement, NOW)).toMatchObject({
      refusal: { code: 'bad_signature' },
    });
    expect(BUYER).not.toBe(VENDOR);
  });
});
