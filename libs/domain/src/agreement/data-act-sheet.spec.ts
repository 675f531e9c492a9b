import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  dataCollection,
  digest,
  held,
  id,
  NOW,
  narrowed,
  region,
  remoteService,
  VENDOR,
} from '../../test/a-right.js';
import type { HeldAct } from '../act/standing.js';
import type { HeldPapers } from '../annex/held.js';
import type { Agreement, DataTerm, Term } from '../documents/agreement.js';
import type { Exception, HeldAnnex } from '../documents/annex.js';
import { dataActSheet } from './data-act-sheet.js';

const DAY = 86_400;
const data = dataCollection as DataTerm;
const withTerms = (...terms: Term[]): Agreement => agreementOf({ terms });
const sheetOf = (agreement: Agreement, papers: Partial<HeldPapers> = {}, now = NOW) =>
  dataActSheet({ agreement, version: digest('agreement'), papers: { acts: [], annexes: [], ...papers }, now });
const at = (article: string, agreement: Agreement, acts: readonly HeldAct[] = []) =>
  sheetOf(agreement, { acts }).entries.filter((entry) => entry.article === article);
/** The entries of an article, also where one entry answers several. */
const answered = (article: string) =>
  sheetOf(withTerms(data, region)).entries.filter((entry) =>
    entry.article.split(', ').some((one) => one === article || one.startsWith(`${article}(`)),
  );
const saysOf = (article: string, ...rest: Parameters<typeof sheetOf>) =>
  sheetOf(...rest)
    .entries.filter((entry) => entry.article === article)
    .flatMap(({ says }) => says);

describe('the sheet of the Data Act', () => {
  it('says for each data product what leaves, where to, what for, for whom and for how long', () => {
    const sheet = sheetOf(withTerms(data, { ...data, product: id('second') }, region));
    const name = `${data.product} of ${data.resource.owner}/${data.resource.id}`;
    expect(sheet.entries.filter(({ asks }) => asks.includes(name))).toHaveLength(15);
    expect(sheet.entries.filter(({ asks }) => asks.includes('second of'))).toHaveLength(15);
    expect(at('3(3), 4(13)', withTerms(data))[0]?.says).toEqual(data.purposes);
    expect(at('3(3), 4(14), 5(1)', withTerms(data))[0]?.says).toEqual(data.recipients);
  });

  it.each([
    '3(2)',
    '3(3)',
    '4(1)',
    '4(2)',
    '4(5)',
    '5(4)',
    '4(6)',
    '4(8)',
    '5(9)',
    '5(11)',
    '4(12)',
    '5(7)',
    '4(13)',
    '4(14)',
  ])('has an entry for Article %s', (article) => expect(answered(article)).not.toEqual([]));
  it.each([
    '5(1)',
    '5(3)',
    '25(2)(d)',
    '25(2)(e)',
    '25(2)(g)',
    '25(2)(h)',
    '36(1)(a)',
    '36(1)(b)',
    '36(1)(c)',
    '36(1)(e)',
  ])('has an entry for Article %s', (article) => expect(answered(article)).not.toEqual([]));

  it('says whether the user has the data himself, and how long his use is remembered', () => {
    expect(at('4(1)', withTerms(data))).toMatchObject([{ says: [], gap: expect.stringContaining('is no recipient') }]);
    const tap = withTerms({ ...data, recipients: [VENDOR, BUYER] });
    expect(at('4(1)', tap)).toMatchObject([{ gap: null }]);
    const evidence = {
      type: 'evidence' as const,
      region: id('eu-1'),
      cosigning: 'both' as const,
      retentionSeconds: DAY,
    };
    expect(at('4(5), 5(4)', withTerms(data, evidence))[0]?.says.join()).toContain('1 d');
    expect(at('4(5), 5(4)', withTerms(data))).toMatchObject([{ gap: 'the agreement does not say' }]);
    expect(at('5(3)', withTerms({ ...data, recipients: [BUYER] }))).toMatchObject([{ gap: null }]);
    expect(at('5(3)', withTerms(data))[0]?.gap).toContain('gatekeeper');
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
    const secret = { recipients: [VENDOR], control: id('iec-62443-3-3/sr-4.1') };
    const marked = withTerms({ ...data, keys: [{ ...key('speed', 'process', 'pass'), secret }] });
    expect(at('3(3), 4(6), 5(9)', marked)[0]?.says.join()).toContain(
      `speed (process): pass, for ${VENDOR} alone while each meets iec-62443-3-3/sr-4.1`,
    );
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

  it('shows what one side took out of the version, and the grants and resources it revoked, each with its reason', () => {
    const agreement = withTerms(data, remoteService);
    const narrowing = narrowed({ strike: { clauses: ['remote-service'] }, reason: 'the cell is rebuilt' });
    const wider = narrowed({ instead: { terms: [{ ...data, keys: [], purposes: [id('other')] }] }, reason: 'wider' });
    const ofOther = held({ organisation: id('stranger') as never, reason: 'a stranger' }, 'stranger');
    const person = held({ target: { kind: 'person', id: id('operator') }, reason: 'left the company' }, 'person');
    expect(
      saysOf('4(7), 4(8), 5(10), 5(11)', agreement, { acts: [narrowing, wider, ofOther, person, held()] }),
    ).toEqual([
      `narrowed by ${BUYER} in term remote-service: the cell is rebuilt`,
      `grant grt_1 revoked by ${BUYER}: the machine is needed`,
    ]);
  });

  it('says how everything is ended at once, and which lock-out was ordered', () => {
    const agreement = withTerms(data);
    const order = held({ verb: 'suspend', target: { kind: 'gateway', id: id('gate') }, reason: 'fire in the hall' });
    const says = saysOf('36(1)(b)', agreement, { acts: [order] });
    expect(says.filter((one) => /^(a lock-out|revoke-all)/.test(one))).toHaveLength(2);
    expect(says).toContain(`lock-out of gateway gate ordered by ${BUYER}: fire in the hall`);
    // It holds at a gateway; the agreement goes on.
    expect(saysOf('4(7), 4(8), 5(10), 5(11)', agreement, { acts: [order] })).toEqual(['nothing']);
  });

  it('lists an exception for as long as it is conceded', () => {
    const exception: Exception = {
      ...{ typ: 'exception', v: 1, organisation: VENDOR, agreementId: agreementOf().id, acceptedBy: BUYER },
      ...{ control: id('sr-1.1'), owner: id('operations'), reason: 'old panel', compensation: 'locked room' },
      ...{ validFrom: NOW, validUntil: NOW + DAY * 1000, issuedAt: NOW },
    };
    const annex: HeldAnnex = { annex: exception, digest: digest('exception'), signers: [VENDOR, BUYER] };
    const listed = (now: number, acts: readonly HeldAct[] = []) =>
      saysOf('36(1)(a)', withTerms(data), { annexes: [annex], acts }, now).slice(1);
    expect(listed(NOW)).toEqual([
      `exception of ${VENDOR} from sr-1.1 until 2026-06-02, conceded by ${BUYER}: old panel; in its place: locked room; answered for by operations`,
    ]);
    expect(listed(NOW - 1)).toEqual([]);
    expect(listed(NOW + DAY * 1000)).toEqual([]);
    expect(listed(NOW, [held({ target: { kind: 'annex', id: annex.digest } })])).toEqual([]);
  });

  it('names where the archive of what was executed is made', () => {
    expect(saysOf('36(1)(c)', withTerms(data)).join()).toContain('interlock agreement archive');
  });
});
