import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, id, OTHER, remoteService, VENDOR } from '../../test/a-right.js';
import type { Agreement, Term } from '../documents/agreement.js';
import { compareVersions, provablyNarrower } from './order.js';

const before = agreementOf();
const after = (over: Partial<Agreement>) => compareVersions(before, agreementOf({ version: 2, ...over }));
const withTerm = (type: Term['type'], over: object) =>
  after({ terms: before.terms.map((term) => (term.type === type ? ({ ...term, ...over } as Term) : term)) });
const narrower = (at: string) => [{ at, effect: 'narrower' }];
const both = (at: string) => [{ at, effect: 'both' }];
const wider = (at: string) => [{ at, effect: 'wider' }];

describe('narrower and wider', () => {
  it('a version that says the same is narrower, whatever its number', () => {
    expect(after({})).toEqual([]);
    expect(provablyNarrower(before, agreementOf({ version: 2 }))).toBe(true);
  });

  it.each<[string, readonly object[], readonly object[]]>([
    ['a purpose fewer', withTerm('remote-service', { purposes: [] }), narrower('term remote-service')],
    ['another purpose', withTerm('remote-service', { purposes: [id('training')] }), wider('term remote-service')],
    ['another ticket', withTerm('remote-service', { ticketPattern: '.*' }), wider('term remote-service')],
    ['no ticket', withTerm('remote-service', { ticketPattern: null }), wider('term remote-service')],
    ['a shorter lease', withTerm('offline', { leaseSeconds: 1 }), both('term offline remote-service standard')],
    [
      'a lease struck',
      after({ terms: before.terms.filter(({ type }) => type !== 'offline') }),
      both('term offline remote-service standard'),
    ],
    ['an earlier end', after({ endsAt: before.endsAt - 1 }), both('endsAt')],
    [
      'a party more',
      after({ parties: [...before.parties, { ...before.parties[0]!, organisation: OTHER }] }),
      both('parties'),
    ],
    ['a machine struck', after({ resources: [] }), narrower(`resource ${BUYER}/press-7`)],
    ['a term nobody knows', after({ terms: [...before.terms, { type: 'moon-phase' }] }), wider('term moon-phase')],
    ['a clause said twice', after({ terms: [...before.terms, remoteService] }), wider('term remote-service')],
    [
      'less retention and fewer purposes',
      withTerm('data-collection', { retentionSeconds: 0, purposes: [] }),
      both(`term data-collection telemetry ${BUYER}/press-7`),
    ],
    [
      'the tap of the owner gone',
      compareVersions(
        agreementOf({
          terms: before.terms.map((term) =>
            term.type === 'data-collection' ? ({ ...term, recipients: [VENDOR, BUYER] } as Term) : term,
          ),
        }),
        agreementOf(),
      ),
      wider(`term data-collection telemetry ${BUYER}/press-7`),
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  it('one thing that needs both makes the whole need both', () => {
    const version = agreementOf({ endsAt: before.endsAt - 1, resources: [] });
    expect(provablyNarrower(before, version)).toBe(false);
    expect(provablyNarrower(before, agreementOf({ resources: [] }))).toBe(true);
  });

  it('a member that no table places is wider', () => {
    const odd = { ...remoteService, unheardOf: true } as unknown as Term;
    expect(after({ terms: before.terms.map((term) => (term.type === 'remote-service' ? odd : term)) })).toEqual(
      wider('term remote-service'),
    );
  });
});
