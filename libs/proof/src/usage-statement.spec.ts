import type { OrganisationId, UsageStatement } from '@interlock/domain';
import { aCompany, anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { signed } from './envelope.js';
import type { Signer } from './keys.js';
import { trust } from './trust.js';
import { verifyUsageStatement } from './usage-statement.js';

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

const statement: UsageStatement = {
  ...{ typ: 'usage-statement', v: 1, organisation: VENDOR, agreementId: agreement.id, treeSize: 4, issuedAt: NOW },
  ...{ from: NOW - HOUR, to: NOW },
  sessions: [
    {
      ...{ resource: { owner: BUYER, id: 'press-7' as never }, clause: 'remote-service' },
      ...{ visits: 1, milliseconds: HOUR, bytes: 9, withoutEnd: 0, withoutOpening: 0 },
    },
  ],
  flows: [{ resource: null, region: null, recipients: [VENDOR], batches: 1, bytes: 2, withoutSize: 0 }],
};
const check = async (change: Partial<UsageStatement>, signer: Signer = who.vendor.agreement) =>
  verifyUsageStatement(await signed({ ...statement, ...change }, signer, NOW), ring, agreement, NOW);

describe('what a company counted of an agreement', () => {
  it('is its word where its agreement key signed it', async () => {
    expect(await check({})).toEqual({ allowed: true, value: statement });
  });

  it.each<[string, Partial<UsageStatement>, Signer | undefined, string]>([
    ['of another agreement', { agreementId: `agr_${'0'.repeat(26)}` as never }, undefined, 'not_a_party'],
    ['of a company that is no party', { organisation: stranger.organisation }, stranger.agreement, 'not_a_party'],
    ['signed by the other side', {}, who.buyer.agreement, 'wrong_issuer'],
    ['signed by a running agent', {}, who.vendorAgent.signer, 'wrong_purpose'],
    ['of a period that is not over', { to: NOW + 1 }, undefined, 'from_the_future'],
    ['issued in the future', { issuedAt: NOW + HOUR }, undefined, 'from_the_future'],
    ['of a period that ends before it begins', { to: NOW - HOUR }, undefined, 'malformed'],
    ['with a count below none', { treeSize: -1 }, undefined, 'malformed'],
  ])('is nothing where it is %s', async (_, change, signer, code) => {
    expect(await check(change, signer)).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('is nothing once a count was altered', async () => {
    const { document, signatures } = await signed(statement, who.vendor.agreement, NOW);
    const altered = { document: { ...document, flows: [] }, signatures };
    const verified = await verifyUsageStatement(altered, ring, agreement, NOW);
    expect(verified).toMatchObject({ refusal: { code: 'bad_signature' } });
  });
});
