import type { BusAgreement, BusFlow, BusPlan, PublisherTemplate, RecipientTemplate } from '../src/index.js';

/** A flow from the plant's gateway to the vendor. */
export const aFlow = (flowId: string, more: Partial<BusFlow> = {}): BusFlow => ({
  flowId,
  region: 'eu',
  publisher: { organisation: 'plant.example', gateway: 'gate-1' },
  recipients: ['vendor.example'],
  maxBytes: 1_000_000,
  retentionSeconds: 3_600,
  ...more,
});

/** An agreement between a plant and a vendor with one flow. */
export const anAgreement = (name: string, more: Partial<BusAgreement> = {}): BusAgreement => ({
  agreementId: `agr_${name}`,
  agreementDigest: `sha256:${name}`,
  organisations: ['plant.example', 'vendor.example'],
  flows: [aFlow(`spindle-load/${name}`)],
  ...more,
});

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('no such template in the plan');
  return value;
};

export const publisherOf = (plan: BusPlan, name: string, organisation = 'plant.example'): PublisherTemplate =>
  found(
    plan.templates.find(
      (template): template is PublisherTemplate =>
        template.role === 'publisher' &&
        template.agreementId === `agr_${name}` &&
        template.organisation === organisation,
    ),
  );

export const recipientOf = (plan: BusPlan, name: string, organisation = 'vendor.example'): RecipientTemplate =>
  found(
    plan.templates.find(
      (template): template is RecipientTemplate =>
        template.role === 'recipient' &&
        template.agreementId === `agr_${name}` &&
        template.organisation === organisation,
    ),
  );
