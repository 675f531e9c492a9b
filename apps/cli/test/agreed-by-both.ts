import { signAgreement } from '@interlock/company-side';
import type { Agreement, LocalId, RegionTerm, Thumbprint } from '@interlock/domain';
import { type AgreementWish, draftAgreement } from '../src/commands/agreement/draft-agreement.js';
import { findParty } from '../src/commands/agreement/find-party.js';
import { PRESS } from '../src/up/demo-companies.js';
import type { TwoCompanies } from './two-companies.js';

const id = (text: string) => text as LocalId;

/** An agreement on the buyer's press, signed by both companies and in force at the broker. */
export async function agreedByBoth(world: TwoCompanies, more: Partial<AgreementWish> = {}): Promise<Agreement> {
  const now = Date.now();
  const party = findParty(world.vendor.dir, undefined, now);
  const [vendor, buyer] = [world.vendor.company.organisation, world.buyer.company.organisation];
  const made = draftAgreement({
    kinds: ['remote-service'],
    parties: [await party(vendor, 'vendor'), await party(buyer, 'buyer')],
    resources: [{ owner: buyer, id: PRESS, class: 'standard', services: [id('ssh')] }],
    approvals: [{ group: id('maintenance'), persons: 1 }],
    ...{ purposes: [id('repair')], ticketPattern: null, longestWindowSeconds: 2 * 3_600, recipients: [vendor] },
    ...{ effectiveFrom: now - 1_000, endsAt: now + 86_400_000 },
    ...more,
  });
  if (!made.allowed) throw new Error(`${made.refusal.code} ${made.refusal.clause}`);
  const blocks = await Promise.all([world.vendor, world.buyer].map(({ dir }) => signAgreement(dir, made.value, now)));
  const signed = { document: made.value, signatures: blocks.flatMap((one) => (one.allowed ? [one.value] : [])) };
  world.broker.agreements.set(made.value.id, [{ signed, status: 'active' }]);
  return made.value;
}

/** The region `eu-1`, whose endpoint must show this key. */
export const region = (key: Thumbprint): RegionTerm => ({
  ...{ type: 'region', region: id('eu-1'), operator: 'the operator', jurisdiction: 'DE' },
  endpointKeys: [key],
});
