import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  chainOf,
  grantOf,
  held,
  id,
  key,
  NOW,
  narrowed,
  OTHER,
  press7,
  session,
  VENDOR,
} from '../../test/a-right.js';
import type { HeldAct } from '../act/standing.js';
import { decide } from '../decide.js';
import type { IdentityProviderTerm } from '../documents/agreement.js';
import type { Act } from '../documents/right.js';
import { INVALID, listedName, packStatuses, statusOfLogin, VALID } from '../status/token-status.js';
import { termIncoherent } from '../term/term-table.js';
import { activate } from './activate.js';
import { clauseOfLogin, personOfLogin, subjectOfLogin } from './identity-provider.js';

const technician = { id: id('technician'), login: id('guest-1') };
const providerOf = (over: Partial<IdentityProviderTerm> = {}): IdentityProviderTerm => ({
  ...{ type: 'identity-provider', party: VENDOR, issuer: BUYER, persons: [technician] },
  ...over,
});
const { terms } = agreementOf();
const agreed = (...more: readonly IdentityProviderTerm[]) => agreementOf({ terms: [...terms, ...more] });
const sides = { owner: BUYER, subjectSide: VENDOR };
const guest = { organisation: BUYER, id: technician.login };
const person = { organisation: VENDOR, kind: 'person', id: technician.id } as const;

describe('whom a login stands for', () => {
  it('is the person of that name where the own company says so, whatever is agreed', () => {
    for (const agreement of [agreementOf(), agreed(providerOf())])
      expect(personOfLogin(agreement, person, sides)).toEqual(person);
  });

  it('is, at the owner of the machine, the person for whom both signed this name', () => {
    expect(personOfLogin(agreed(providerOf()), guest, sides)).toEqual(person);
    expect(subjectOfLogin(agreed(providerOf()), grantOf(), guest)).toEqual(person);
  });

  it.each<[string, Parameters<typeof personOfLogin>]>([
    ['that nobody agreed', [agreementOf(), guest, sides]],
    ['under another name', [agreed(providerOf()), { ...guest, id: id('guest-2') }, sides]],
    ['under the name of that person', [agreed(providerOf()), { ...guest, id: technician.id }, sides]],
    ['at a company that the clause does not name', [agreed(providerOf()), { ...guest, organisation: OTHER }, sides]],
    ['for people of another company', [agreed(providerOf({ party: OTHER })), guest, sides]],
    ['at the machines of the person’s own company', [agreed(providerOf()), guest, { ...sides, owner: VENDOR }]],
    ['at the machines of a third', [agreed(providerOf()), guest, { ...sides, owner: OTHER }]],
    ['by a clause that names another company', [agreed(providerOf({ issuer: OTHER })), guest, sides]],
    ['of the other direction', [agreed(providerOf({ party: BUYER, issuer: VENDOR })), guest, sides]],
    [
      'at a company that logs in for machines of another one',
      [agreed(providerOf({ issuer: OTHER })), { ...guest, organisation: OTHER }, sides],
    ],
  ])('is nobody: one %s', (_what, asked) => expect(personOfLogin(...asked)).toBeUndefined());

  it('is no subject of a right that does not name that person', () => {
    const other = grantOf({ subjects: [{ ...person, id: id('colleague') }] });
    expect(subjectOfLogin(agreed(providerOf()), other, guest)).toBeUndefined();
    expect(subjectOfLogin(agreed(providerOf()), grantOf({ subjects: [] }), guest)).toBeUndefined();
  });

  it('is said in records where it was not the own company', () => {
    expect(clauseOfLogin({ login: guest })).toBe(`identity-provider ${BUYER}`);
    expect(clauseOfLogin({})).toBeNull();
  });
});

describe('a clause about logins', () => {
  it.each<[string, Partial<IdentityProviderTerm>]>([
    ['of a company for itself', { issuer: VENDOR }],
    ['for a stranger', { party: OTHER }],
    ['by a stranger', { issuer: OTHER }],
    ['that names one person twice', { persons: [technician, { ...technician, login: id('guest-2') }] }],
    ['that gives two persons one name', { persons: [technician, { ...technician, id: id('colleague') }] }],
  ])('contradicts its agreement: one %s', (_what, over) => {
    expect(termIncoherent(providerOf(over), agreed(providerOf(over)))).toBe(true);
    expect(activate(agreed(providerOf(over)), NOW)).toMatchObject({ refusal: { code: 'agreement_incoherent' } });
  });

  it('contradicts another one that gives the same name to somebody of another company', () => {
    const base = agreed(providerOf(), providerOf({ party: OTHER }));
    const agreement = {
      ...base,
      parties: [...base.parties, { ...base.parties[0]!, organisation: OTHER, role: 'third-party' as const }],
    };
    expect(termIncoherent(providerOf(), agreement)).toBe(true);
    expect(termIncoherent(providerOf(), agreed(providerOf()))).toBe(false);
  });
});

describe('a session of somebody who logged in at the other company', () => {
  const uri = 'https://agent.delta-foods.example/status-lists/one';
  const chain = { ...chainOf(agreed(providerOf())), login: guest } as ReturnType<typeof chainOf>;
  const ask = { subject: person, leaf: key('leaf'), action: id('ssh'), resource: press7, session };
  const judged = (facts: Partial<Parameters<typeof decide>[2]> = {}, of = chain) =>
    decide(of, ask, { acts: [], verdicts: [], annexes: [], invalid: new Set(), ...facts }, NOW);
  const revoked = (over: Partial<Act>) => [held({ verb: 'revoke', ...over })];
  const target = (who: string) => ({ kind: 'person', id: id(who) }) as const;

  it('is ended by the own company, which cuts its person, and by the other one, which cuts its login', () => {
    expect(judged()).toMatchObject({ allowed: true });
    for (const acts of [
      revoked({ organisation: VENDOR, target: target('technician') }),
      revoked({ organisation: BUYER, target: target('guest-1') }),
    ])
      expect(judged({ acts })).toMatchObject({ refusal: { code: 'taken_away' } });
    for (const acts of [
      revoked({ organisation: BUYER, target: target('technician') }),
      revoked({ organisation: VENDOR, target: target('guest-1') }),
      revoked({ organisation: OTHER, target: target('technician') }),
    ])
      expect(judged({ acts })).toMatchObject({ allowed: true });
  });

  it.each([VENDOR, BUYER])('is over when %s alone struck the clause, or the person out of it', (organisation) => {
    const struck = narrowed({ strike: { clauses: [`identity-provider ${VENDOR} ${BUYER}`] }, organisation });
    expect(judged({ acts: [struck] })).toMatchObject({ refusal: { code: 'narrowed', clause: 'identity-provider' } });
    const own = { ...chain, login: undefined } as typeof chain;
    expect(judged({ acts: [struck] }, own)).toMatchObject({ allowed: true });
  });

  it('is looked up in the list of the company that logged him in', () => {
    const statuses = (value: number) =>
      new Map([[BUYER, { uri, bits: 2 as const, bytes: packStatuses(new Map([[5, value]]), 16, 2) }]]);
    const of = { ...chain, listed: { idx: 5, uri } } as typeof chain;
    const no = (how: string) => ({ refusal: { code: 'status_invalid', clause: `login ${how}` } });
    expect(judged({ statuses: statuses(VALID) }, of)).toMatchObject({ allowed: true });
    expect(judged({ statuses: statuses(INVALID) }, of)).toMatchObject(no('invalid'));
    expect(judged({ invalid: new Set([listedName(BUYER, 5)]), statuses: statuses(VALID) }, of)).toMatchObject(
      no('invalid'),
    );
    const [list] = statuses(VALID).values();
    expect(judged({ statuses: new Map([[VENDOR, list!]]) }, of)).toMatchObject(no('unknown'));
  });

  it('is INVALID in that list once the own company revoked its person', () => {
    const login = { idx: 5, person: technician.login, jkt: key('leaf'), rights: [] };
    const status = (acts: readonly HeldAct[], agreement = agreed(providerOf())) =>
      statusOfLogin(login, BUYER, agreement, acts);
    const cut = revoked({ organisation: VENDOR, target: target('technician') });
    expect(status(cut)).toBe(INVALID);
    expect(status(cut, agreementOf())).toBe(VALID);
    expect(status(revoked({ organisation: VENDOR, target: target('guest-1') }))).toBe(VALID);
    expect(status(revoked({ organisation: OTHER, target: target('technician') }))).toBe(VALID);
    expect(status(revoked({ organisation: BUYER, target: target('guest-1') }))).toBe(INVALID);
  });
});
