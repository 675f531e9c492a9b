import { describe, expect, it } from '@jest/globals';
import { BUYER, dataCollection, id, key, NOW, OTHER, press7, region, VENDOR } from '../../test/a-right.js';
import { goes, withTerms } from '../../test/papers.js';
import { activate } from '../agreement/activate.js';
import type { DataTerm, TransferTerm } from '../documents/agreement.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { route } from './route.js';
import { mayOpenFrom } from './transfer.js';

const transfer = (over: Partial<TransferTerm> = {}): TransferTerm => ({
  type: 'transfer',
  product: id('telemetry'),
  resource: press7,
  storage: ['DE'],
  transit: ['DE'],
  access: ['DE', 'CH'],
  mechanisms: [{ country: 'CH', mechanism: 'adequacy-decision', document: null }],
  ...over,
});
const term = dataCollection as DataTerm;
const to = (...terms: TransferTerm[]) => route(withTerms(...terms), term, id('eu-1'), key('endpoint'));

describe('the places of data', () => {
  it('are the countries in which it may lie, and through which it may pass', () => {
    expect(region).toMatchObject({ jurisdiction: 'DE' });
    const no = { allowed: false, refusal: { code: 'region_not_agreed', clause: 'transfer' } };
    expect(to(transfer())).toMatchObject(goes);
    expect(to(transfer({ storage: ['FR'] }))).toEqual(no);
    expect(to(transfer({ transit: ['FR'] }))).toEqual(no);
    expect(to(transfer({ product: id('video'), storage: [] }))).toMatchObject(goes);
    expect(to(transfer({ resource: { owner: BUYER, id: id('press-8') }, storage: [] }))).toMatchObject(goes);
  });

  it('are the countries of who may open it, and the owner opens its own anywhere', () => {
    const from = (country: string | undefined, organisation = VENDOR, over: Partial<TransferTerm> = {}) =>
      mayOpenFrom(withTerms(transfer(over)), term, organisation, country);
    expect([from('DE'), from('CH'), from('US'), from(undefined)]).toEqual([true, true, false, false]);
    expect([from('US', BUYER), from(undefined, BUYER), from('US', OTHER)]).toEqual([true, true, false]);
    expect(from('US', VENDOR, { product: id('video') })).toBe(true);
  });

  it('need a mechanism where it is opened from a country in which it does not lie, and a product to speak of', () => {
    const incoherent = { refusal: { code: 'agreement_incoherent', clause: 'transfer' } };
    expect(activate(withTerms(transfer()), NOW)).toMatchObject(goes);
    expect(activate(withTerms(transfer({ mechanisms: [] })), NOW)).toMatchObject(incoherent);
    expect(activate(withTerms(transfer({ mechanisms: [], access: ['DE'] })), NOW)).toMatchObject(goes);
    expect(activate(withTerms(transfer({ product: id('video') })), NOW)).toMatchObject(incoherent);
    expect(activate(withTerms(transfer(), transfer()), NOW)).toMatchObject(incoherent);
  });

  it('are made fewer by one side alone', () => {
    const effects = (after: Partial<TransferTerm>) =>
      compareVersions(withTerms(transfer()), withTerms(transfer(after))).map(({ effect }) => effect);
    for (const member of ['storage', 'transit', 'access']) {
      expect(effects({ [member]: [] })).toEqual(['narrower']);
      expect(effects({ [member]: ['DE', 'CH', 'US'] })).toEqual(['wider']);
    }
    expect(effects({ mechanisms: [] })).toEqual(['both']);
  });

  it('are said in plain words', () =>
    expect(termWords(transfer())).toBe(
      'data telemetry of delta-foods.example/press-7 lies in DE, passes through DE and is opened from DE, CH; for CH by adequacy-decision',
    ));
});
