import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, dataCollection, id, NOW, OTHER, press7, region, VENDOR } from '../../test/a-right.js';
import { acceptanceOf, attestationOf, exceptionOf } from '../../test/annexes.js';
import { withdrawal } from '../../test/papers.js';
import { narrowingFault } from '../act/narrowing.js';
import { activate } from '../agreement/activate.js';
import { dataTerm } from '../agreement/find-terms.js';
import type { HeldPapers } from '../annex/held.js';
import type { Agreement, DataTerm, ProductKey, TradeSecretMark } from '../documents/agreement.js';
import { termWords } from '../term/term-table.js';
import { withoutUnprotected } from './trade-secret.js';

const control = id('iec-62443-3-3/sr-1.1');
const mark: TradeSecretMark = { recipients: [VENDOR], control };
const open: ProductKey = { key: 'recipe', unit: null, category: id('process'), action: 'pass', step: null };
const key: ProductKey = { ...open, secret: mark };
const force: ProductKey = { ...open, key: 'force' };
const data = dataCollection as DataTerm;
const product = (keys: readonly ProductKey[], over: Partial<DataTerm> = {}): DataTerm => ({ ...data, keys, ...over });
const of = (...terms: DataTerm[]): Agreement => agreementOf({ terms: [...terms, region] });
const both = [attestationOf(), acceptanceOf()];

const leaving = (agreement: Agreement, papers: Partial<HeldPapers> = {}, said = [agreement], name = 'telemetry') =>
  dataTerm(
    withoutUnprotected(agreement, said, { annexes: both, acts: [], ...papers }, NOW),
    id(name),
    press7,
  )?.keys.flatMap((one) => (one.action === 'drop' ? [] : [one.key]));

describe('a key that is marked as a trade secret', () => {
  it('leaves where its recipient meets the control in a way that was accepted; what is not marked needs nothing', () => {
    expect(leaving(of(product([key, force])))).toEqual(['recipe', 'force']);
    expect(leaving(of(product([key, force])), { annexes: [] })).toEqual(['force']);
    const plain = of(product([open]));
    expect(withoutUnprotected(plain, [plain], { annexes: [], acts: [] }, NOW)).toBe(plain);
  });

  it.each<[string, Partial<HeldPapers>]>([
    ['nobody accepted it', { annexes: [attestationOf()] }],
    ['it is another control', { annexes: [attestationOf({ control: id('iec-62443-3-3/sr-1.2') }), acceptanceOf()] }],
    ['it is of another party', { annexes: [attestationOf({ organisation: BUYER }), acceptanceOf()] }],
    ['it is over', { annexes: [attestationOf({ validUntil: NOW }), acceptanceOf()] }],
    ['it begins later', { annexes: [attestationOf({ validFrom: NOW + 1 }), acceptanceOf()] }],
    ['it was withdrawn, at once', { acts: [withdrawal('attestation', { issuedAt: NOW })] }],
    ['its acceptance was withdrawn', { acts: [withdrawal('acceptance', { issuedAt: NOW })] }],
    ['it is a deviation that was conceded', { annexes: [exceptionOf()] }],
  ])('stays where the word of the recipient does not count: %s', (_, papers) => {
    expect(leaving(of(product([key])), papers)).toEqual([]);
  });

  it('goes into no product that reaches further than the mark; its owner has it anyway', () => {
    expect(leaving(of(product([key], { recipients: [VENDOR, BUYER] })))).toEqual(['recipe']);
    expect(leaving(of(product([key], { recipients: [VENDOR, OTHER] })))).toEqual([]);
    expect(leaving(of(product([{ ...key, secret: { ...mark, recipients: [BUYER] } }])))).toEqual([]);
  });

  it('is one in every product of its machine, and in none of another machine', () => {
    const wider = product([open], { product: id('wider'), recipients: [VENDOR, OTHER] });
    expect(leaving(of(product([key]), wider), {}, undefined, 'wider')).toEqual([]);
    const ofOther = { resource: { owner: BUYER, id: id('press-8') } };
    expect(leaving(of(product([key], ofOther), wider), {}, undefined, 'wider')).toEqual(['recipe']);
  });

  it('is one where either side left it so, also where nothing is left of the clause that says it', () => {
    const reading = of(product([open], { product: id('wider') }));
    expect(leaving(reading, { annexes: [] }, [reading, of(product([key]))], 'wider')).toEqual([]);
  });

  it('stays in a house agreement, where nobody could accept anything', () => {
    const house = agreementOf({ house: true, parties: of().parties.slice(0, 1), terms: [product([key])] });
    expect(leaving(house)).toEqual([]);
  });
});

describe('the mark of a trade secret', () => {
  const faultOf = (before: DataTerm, after: DataTerm) =>
    narrowingFault(of(before), {
      ...{ version: '' as never, strike: { resources: [], clauses: [] } },
      instead: { resources: [], terms: [after] },
    });

  it('is added, or made to reach fewer, by one side alone', () => {
    expect(faultOf(product([open]), product([key]))).toBeUndefined();
    const two = { ...key, secret: { ...mark, recipients: [VENDOR, BUYER] } };
    expect(faultOf(product([two]), product([key]))).toBeUndefined();
    expect(faultOf(product([key]), product([{ ...key, action: 'drop' }]))).toBeUndefined();
  });

  it.each<[string, readonly ProductKey[]]>([
    ['it is gone', [open]],
    ['it is gone with what leaves of the key', [{ ...open, action: 'drop' }]],
    ['its key is struck', []],
    ['it names another control', [{ ...key, secret: { ...mark, control: id('iec-62443-3-3/sr-1.2') } }]],
    ['it reaches more', [{ ...key, secret: { ...mark, recipients: [VENDOR, BUYER] } }]],
  ])('is not weakened by one side alone: %s', (_, keys) => {
    expect(faultOf(product([key]), product(keys))).toMatch(/^term data-collection/);
  });

  it.each<[string, DataTerm]>([
    ['a control that nobody knows', product([{ ...key, secret: { ...mark, control: id('locked-drawer') } }])],
    ['a stranger', product([{ ...key, secret: { ...mark, recipients: [OTHER] } }])],
    ['data that is read in a region', product([key], { inspection: 'region' })],
  ])('contradicts %s', (_, term) => {
    expect(activate(of(term), NOW)).toMatchObject({ refusal: { code: 'agreement_incoherent' } });
    expect(activate(of(product([key])), NOW)).toMatchObject({ allowed: true });
  });

  it('is said in plain words', () => {
    expect(termWords(product([key]))).toContain(
      `a trade secret: for ${VENDOR} alone, and only while each meets ${control}`,
    );
  });
});
