import type { EntityDocument, OrganisationId, RoleMapping } from '@interlock/domain';
import { aCompany, type Company, NOW } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signed } from './envelope.js';
import { verifyRoleMapping } from './role-mapping.js';
import { trust } from './trust.js';

const NAME = 'delta-foods.example' as OrganisationId;
const OTHER = 'alpine-presses.example' as OrganisationId;
const ISSUER = 'https://login.delta-foods.example';
const LATER = NOW + 60_000;

const aMapping = (company: Company, over: Partial<RoleMapping> = {}): RoleMapping => ({
  typ: 'role-mapping',
  v: 1,
  organisation: company.organisation,
  entity: digestOf(company.entity.document),
  sequence: 1,
  previous: null,
  issuer: ISSUER,
  scopes: ['groups'],
  rules: [{ claim: 'groups', value: 'audit', role: 'auditor' }],
  outsideAuditors: [],
  issuedAt: NOW,
  ...over,
});

describe('a role mapping', () => {
  const made = async (name = NAME) =>
    aCompany(name, NOW, { identityProviders: [{ issuer: ISSUER, clientId: 'agent' }] });
  const ringOf = async (company: Company, entities: unknown[] = [company.entity], at = NOW) => {
    const ring = await trust(entities, [], new Map([[company.organisation, company.pin]]), at);
    if (!ring.allowed) throw new Error(ring.refusal.code);
    return ring.value;
  };

  it('counts when the company’s certify key signed it', async () => {
    const company = await made();
    const mapping = await signed(aMapping(company), company.certify, NOW);
    expect(await verifyRoleMapping(mapping, NAME, await ringOf(company), LATER)).toMatchObject({
      allowed: true,
      value: { digest: digestOf(mapping.document), lapsed: false },
    });
  });

  it('does not count under another key of the company, nor of another company, nor altered', async () => {
    const [company, other] = [await made(), await made(OTHER)];
    const ring = await ringOf(company);
    const refused = async (input: unknown) => {
      const verified = await verifyRoleMapping(input, NAME, ring, LATER);
      return verified.allowed ? 'allowed' : verified.refusal.code;
    };
    expect(await refused(await signed(aMapping(company), company.agreement, NOW))).toBe('wrong_purpose');
    expect(await refused(await signed(aMapping(company), other.certify, NOW))).toBe('wrong_issuer');
    expect(await refused(await signed(aMapping(other), company.certify, NOW))).toBe('wrong_issuer');
    const { signatures } = await signed(aMapping(company), company.certify, NOW);
    const rules = [{ claim: 'groups', value: 'everybody', role: 'architect' as const }];
    expect(await refused({ document: aMapping(company, { rules }), signatures })).toBe('bad_signature');
    expect(await refused({ document: { ...aMapping(company), also: 1 }, signatures })).toBe('malformed');
  });

  it('hangs on a version of the entity document, which names the provider', async () => {
    const company = await made();
    const ring = await ringOf(company);
    const verified = async (over: Partial<RoleMapping>) =>
      verifyRoleMapping(await signed(aMapping(company, over), company.certify, NOW), NAME, ring, LATER);
    const entity = digestOf({ another: 'document' });
    expect(await verified({ entity })).toMatchObject({ refusal: { code: 'certificate_dangling' } });
    const issuer = 'https://login.alpine-presses.example';
    expect(await verified({ issuer })).toMatchObject({ refusal: { code: 'identity_provider_unknown' } });
  });

  it('makes no roles once the key that signed it is no longer named', async () => {
    const company = await made();
    const mapping = await signed(aMapping(company), company.certify, NOW);
    const next: EntityDocument = {
      ...company.entity.document,
      sequence: 2,
      previous: digestOf(company.entity.document),
      keys: company.entity.document.keys.slice(1),
    };
    const ring = await ringOf(company, [company.entity, await signed(next, company.root, NOW)]);
    expect(await verifyRoleMapping(mapping, NAME, ring, LATER)).toMatchObject({ refusal: { code: 'unknown_key' } });
  });

  it('has lapsed when the entity document has expired', async () => {
    const company = await made();
    const mapping = await signed(aMapping(company), company.certify, NOW);
    const { expiresAt } = company.entity.document;
    const at = async (now: number) => verifyRoleMapping(mapping, NAME, await ringOf(company), now);
    expect(await at(expiresAt - 1)).toMatchObject({ value: { lapsed: false } });
    expect(await at(expiresAt)).toMatchObject({ value: { lapsed: true } });
  });
});
