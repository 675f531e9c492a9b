import { describe, expect, it } from '@jest/globals';
import { agreementOf, dataCollection, held, id, region, remoteService, VENDOR } from '../../test/a-right.js';
import type { HeldAct } from '../act/standing.js';
import type { Agreement, DataTerm, Term } from '../documents/agreement.js';
import { dataActSheet } from './data-act-sheet.js';

const DAY = 86_400;
const data = dataCollection as DataTerm;
const withTerms = (...terms: Term[]): Agreement => agreementOf({ terms });
const at = (article: string, agreement: Agreement, acts: readonly HeldAct[] = []) =>
  dataActSheet(agreement, acts).entries.filter((entry) => entry.article === article);

describe('the sheet of the Data Act', () => {
  it('says for each data product what leaves, where to, what for, for whom and for how long', () => {
    const sheet = dataActSheet(withTerms(data, { ...data, product: id('second') }, region), []);
    const name = `${data.product} of ${data.resource.owner}/${data.resource.id}`;
    expect(sheet.entries.filter(({ asks }) => asks.includes(name))).toHaveLength(10);
    expect(sheet.entries.filter(({ asks }) => asks.includes('second of'))).toHaveLength(10);
    expect(at('3(3), 4(13)', withTerms(data))[0]?.says).toEqual(data.purposes);
    expect(at('3(3), 4(14), 5(1)', withTerms(data))[0]?.says).toEqual(data.recipients);
  });

  it('speaks of no data where none is agreed', () => {
    expect(at('3(2)(a)', withTerms(remoteService))).toEqual([]);
    expect(at('36(1)(b)', withTerms(remoteService))).toHaveLength(1);
  });

  it('names what the agreement does not say', () => {
    const [, volume] = at('3(2)(a)', withTerms(data));
    expect(volume).toMatchObject({ says: [], gap: 'the agreement does not say' });
    expect(at('25(2)(h)', withTerms(data))).toMatchObject([{ gap: 'the agreement does not say' }]);
  });

  it.each([
    [30 * DAY, 30 * DAY, null],
    [30 * DAY - 1, 30 * DAY, 'shorter than 30 days'],
    [30 * DAY, 30 * DAY - 1, 'shorter than 30 days'],
    [30 * DAY, undefined, 'shorter than 30 days'],
  ])('holds the time to retrieve against the article: kept %d s, fetched %p s', (retentionSeconds, retrieval, gap) => {
    const notice = { type: 'notice' as const, terminateSeconds: 0, retrievalSeconds: retrieval };
    expect(at('25(2)(g)', withTerms({ ...data, retentionSeconds }, notice))).toMatchObject([{ gap }]);
  });

  it.each([
    [59 * DAY, null],
    [59 * DAY + 1, 'longer than two months'],
  ])('holds the notice against the article: %d s', (terminateSeconds, gap) => {
    expect(at('25(2)(d)', withTerms({ type: 'notice', terminateSeconds }))).toMatchObject([{ gap }]);
  });

  it('marks trade secrets, and personal data that leaves as it is', () => {
    const key = (name: string, category: string, action: 'pass' | 'drop') => ({
      ...{ key: name, unit: null, category: id(category), action, step: null },
    });
    const keys = [key('recipe', 'trade-secret', 'pass'), key('operator', 'person', 'drop')];
    const closed = withTerms({ ...data, keys });
    expect(at('3(3), 4(6), 5(9)', closed)[0]?.says.join()).toContain('recipe (trade-secret): pass');
    expect(at('4(12), 5(7)', closed)).toMatchObject([{ says: ['operator (person): drop'], gap: null }]);
    const open = withTerms({ ...data, keys: [key('operator', 'person', 'pass')] });
    expect(at('4(12), 5(7)', open)[0]?.gap).toContain('operator leaves as it is');
  });

  it('shows a suspension with its written reason until both lift it, and nothing else', () => {
    const agreement = withTerms(data);
    const suspension = held(
      { verb: 'suspend', organisation: VENDOR, target: { kind: 'agreement', id: agreement.id }, reason: 'not paid' },
      'suspension',
      [VENDOR],
    );
    const article = '4(7), 4(8), 5(10), 5(11)';
    expect(at(article, agreement)).toMatchObject([{ says: ['nothing'], gap: null }]);
    expect(at(article, agreement, [suspension])).toMatchObject([{ says: [`suspended by ${VENDOR}: not paid`] }]);
    const parties = agreement.parties.map(({ organisation }) => organisation);
    const resume = held(
      { verb: 'resume', target: { kind: 'agreement', id: agreement.id }, lifts: suspension.digest },
      'resume',
      parties,
    );
    expect(at(article, agreement, [suspension, resume])).toMatchObject([{ says: ['nothing'] }]);
  });
});
