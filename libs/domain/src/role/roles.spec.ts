import { describe, expect, it } from '@jest/globals';
import { type OutsideAuditor, ROLES, type RoleMapping } from '../documents/role-mapping.js';
import type { LocalId, OrganisationId } from '../names.js';
import { judgeMapping, type LoggedIn, mayUse, OUTSIDE_LONGEST, rolesOf } from './roles.js';

const NOW = 1_800_000_000_000;
const ISSUER = 'https://login.delta-foods.example';
const organisation = 'delta-foods.example' as OrganisationId;
const entity = { organisation, identityProviders: [{ issuer: ISSUER, clientId: 'agent' }] };
const guest: OutsideAuditor = {
  id: 'outside' as LocalId,
  login: 'g-17',
  organisation: 'auditors.example' as OrganisationId,
  from: NOW,
  until: NOW + OUTSIDE_LONGEST,
};
const mapping = (over: Partial<RoleMapping> = {}): RoleMapping => ({
  typ: 'role-mapping',
  v: 1,
  organisation,
  entity: 'sha256:x' as RoleMapping['entity'],
  sequence: 1,
  previous: null,
  issuer: ISSUER,
  scopes: ['groups'],
  rules: ROLES.map((role) => ({ claim: 'groups', value: `the-${role}s`, role })),
  outsideAuditors: [guest],
  issuedAt: NOW,
  ...over,
});
const who = (groups: readonly string[], over: Partial<LoggedIn> = {}): LoggedIn => ({
  issuer: ISSUER,
  subject: 'u-1',
  claims: { groups },
  ...over,
});
const roles = (of: LoggedIn, at = NOW, lapsed = false, by = mapping()) => {
  const decided = rolesOf(by, of, at, lapsed);
  return decided.allowed ? decided.value : decided.refusal.code;
};

describe('roles inside an organisation', () => {
  it.each(ROLES)('%s comes from the claim that the mapping names, with exactly its value', (role) => {
    expect(roles(who([`the-${role}s`]))).toEqual([role]);
    expect(roles(who([`the-${role}`, `The-${role}s`, `the-${role}s `]))).toEqual([]);
  });

  it('come from no claim that only looks like the one named, and from nothing that every object has', () => {
    expect(roles(who([], { claims: { group: ['the-auditors'], Groups: ['the-auditors'] } }))).toEqual([]);
    const rules = [{ claim: 'constructor', value: 'Object', role: 'auditor' as const }];
    expect(roles(who([]), NOW, false, mapping({ rules }))).toEqual([]);
  });

  it('come from no other provider, whatever its claims say', () => {
    expect(roles(who(['the-auditors'], { issuer: 'https://login.alpine-presses.example' }))).toEqual([]);
    expect(roles(who([], { issuer: 'https://login.alpine-presses.example', subject: guest.login }))).toEqual([]);
  });

  it('may come from the subject itself', () => {
    const rules = [{ claim: 'sub', value: 'u-1', role: 'approver' as const }];
    expect(roles(who([]), NOW, false, mapping({ rules }))).toEqual(['approver']);
    expect(roles(who([], { subject: 'u-2', claims: { sub: ['u-1'] } }), NOW, false, mapping({ rules }))).toEqual([]);
  });

  it('shrink to taking away when the entity document has expired', () => {
    expect(roles(who(ROLES.map((role) => `the-${role}s`)), NOW, true)).toEqual(['architect']);
  });
});

describe('an outside auditor', () => {
  const outside = who(['the-architects', 'the-approvers'], { subject: guest.login });

  it('is an auditor from the first to the last instant of his time, and nothing more whatever his claims say', () => {
    expect(roles(outside, guest.from)).toEqual(['auditor']);
    expect(roles(outside, guest.until - 1)).toEqual(['auditor']);
  });

  it('is nobody before and after it', () => {
    expect(roles(outside, guest.from - 1)).toBe('outside_auditor_over');
    expect(roles(outside, guest.until)).toBe('outside_auditor_over');
  });
});

describe('a mapping', () => {
  const fault = (over: Partial<RoleMapping>) => {
    const judged = judgeMapping(mapping(over), entity);
    return judged.allowed ? 'fits' : judged.refusal.code;
  };
  const rule = (claim: string) => ({ rules: [{ claim, value: 'x', role: 'auditor' as const }] });

  it('fits when it reads claims of the company’s own provider', () => {
    expect(fault({})).toBe('fits');
    expect(fault(rule('https://delta-foods.example/roles'))).toBe('fits');
    expect(fault(rule('sub'))).toBe('fits');
  });

  it.each([
    ...['email', 'Email', 'email_verified', 'mail', 'work_email', 'e-mail', 'upn', 'unique_name'],
    ...['preferred_username', 'name', 'family_name', 'nickname', 'hd', 'phone_number'],
    ...[
      'username',
      'userName',
      'user_name',
      'display_name',
      'displayName',
      'otherMails',
      'proxyAddresses',
      'mailNickname',
    ],
    ...[
      'userPrincipalName',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
      'urn:corp:display_name',
    ],
    ...['iss', 'aud', 'acr', 'nonce'],
  ])('never reads %s: whoever gets an address or a name gets no role by it', (claim) => {
    expect(fault(rule(claim))).toBe('claim_not_read');
  });

  it('names a provider that the entity document names', () => {
    expect(fault({ issuer: 'https://login.alpine-presses.example' })).toBe('identity_provider_unknown');
  });

  it('names outside auditors for a bounded time, each once, and none of its own organisation', () => {
    const named = (...outsideAuditors: OutsideAuditor[]) => fault({ outsideAuditors });
    expect(named({ ...guest, until: guest.until + 1 })).toBe('outside_auditor_too_long');
    expect(named({ ...guest, until: guest.from })).toBe('outside_auditor_too_long');
    expect(named(guest, { ...guest, id: 'other' as LocalId })).toBe('role_mapping_incoherent');
    expect(named(guest, { ...guest, login: 'g-18' })).toBe('role_mapping_incoherent');
    expect(named({ ...guest, organisation })).toBe('role_mapping_incoherent');
    expect(named({ ...guest, organisation: null })).toBe('fits');
  });
});

describe('a route', () => {
  it('is for whom its row names, and says what would be needed', () => {
    expect(mayUse(['architect', 'auditor'], ['auditor'])).toMatchObject({ allowed: true });
    expect(mayUse(['auditor'], ['holder', 'architect'])).toEqual({
      allowed: false,
      refusal: { code: 'role_needed', clause: 'auditor' },
    });
    expect(mayUse([], ['auditor'])).toMatchObject({ allowed: false });
  });
});
