import type { EntityDocument, OrganisationId } from '@interlock/domain';
import { aCompany, NOW } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument, signed, verifyDocument } from './envelope.js';
import { trust } from './trust.js';

const DAY = 86_400_000;
const NAME = 'delta-foods.example' as OrganisationId;

describe('a renewed entity document', () => {
  const renewed = async () => {
    const company = await aCompany(NAME, NOW);
    const first = company.entity.document;
    const later = NOW + 20 * DAY;
    const next: EntityDocument = {
      ...first,
      sequence: 2,
      previous: digestOf(first),
      issuedAt: later,
      expiresAt: later + 60 * DAY,
    };
    return { company, later, entities: [company.entity, await signed(next, company.root, later)] };
  };

  it('leaves what its keys signed under the older version valid, as long as that version is shown', async () => {
    const { company, later, entities } = await renewed();
    const [, second] = entities;
    const pins = new Map([[NAME, company.pin]]);
    const holder = await company.holder('person', 'somebody', ['approve']);
    const both = await trust(entities, [holder.certificate], pins, later);
    expect(both).toMatchObject({ allowed: true });
    const onlyNew = await trust([second], [], pins, later);
    if (!both.allowed || !onlyNew.allowed) return;
    const certificate = holder.certificate.document;
    const early = { document: certificate, signatures: [await signDocument(certificate, company.certify, NOW)] };
    const demands = [{ issuer: NAME, purpose: 'certify' as const }];
    expect(await verifyDocument('key-certificate', early, both.value, demands, later)).toMatchObject({ allowed: true });
    expect(await verifyDocument('key-certificate', early, onlyNew.value, demands, later)).toMatchObject({
      refusal: { code: 'key_not_yet_valid' },
    });
  });

  it('takes away what a key that it no longer names signed', async () => {
    const { company, later } = await renewed();
    const first = company.entity.document;
    const next = { ...first, sequence: 2, previous: digestOf(first), issuedAt: later, keys: first.keys.slice(0, 1) };
    const ring = await trust(
      [company.entity, await signed({ ...next, expiresAt: later + DAY }, company.root, later)],
      [],
      new Map([[NAME, company.pin]]),
      later,
    );
    if (!ring.allowed) throw new Error(ring.refusal.code);
    expect(ring.value.find(NAME, company.agreement.kid, 'agreement')).toEqual([]);
  });
});
