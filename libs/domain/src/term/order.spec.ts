import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, dataCollection, id, OTHER, press7, remoteService, VENDOR } from '../../test/a-right.js';
import type { Agreement, DataTerm, Term } from '../documents/agreement.js';
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

  it('a recipient struck, where something is asked of all of them together, needs both', () => {
    const mark = { recipients: [VENDOR], control: id('iec-62443-3-3/sr-4.1') };
    const secret = { key: 'force', unit: null, category: id('process'), action: 'pass' as const, step: null };
    const product = (over: object) => ({ ...dataCollection, recipients: [VENDOR, OTHER], ...over }) as Term;
    const guest = { ...before.parties[0]!, organisation: OTHER };
    const struck = (role: 'third-party' | 'buyer', ...more: Term[]) => {
      const version = (recipients: readonly string[]) =>
        agreementOf({ parties: [...before.parties, { ...guest, role }], terms: [product({ recipients }), ...more] });
      return compareVersions(version([VENDOR, OTHER]), version([VENDOR]))[0]?.effect;
    };
    const elsewhere = product({ product: id('quality'), keys: [{ ...secret, secret: mark }] });
    const transfer = { type: 'transfer', product: (dataCollection as DataTerm).product, resource: press7 } as Term;
    expect(struck('buyer')).toBe('narrower');
    expect(struck('third-party')).toBe('wider');
    expect(struck('buyer', elsewhere)).toBe('wider');
    expect(struck('buyer', transfer)).toBe('wider');
    expect(struck('buyer', { ...transfer, product: id('quality') } as Term)).toBe('narrower');
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
