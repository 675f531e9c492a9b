import { describe, expect, it } from '@jest/globals';
import { BUYER, dataCollection, digest, VENDOR } from '../../test/a-right.js';
import { withTerms } from '../../test/papers.js';
import type { DataTerm } from '../documents/agreement.js';
import type { LocalId } from '../names.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { mayDeliver, wasScanned } from './may-deliver.js';
import { releaseMissing } from './release.js';
import { CLEAN, notClean, type ScanVerdict } from './verdict.js';

const CONTENT = digest('content');
const verdict = (over: Partial<ScanVerdict> = {}): ScanVerdict => ({
  ...CLEAN,
  ...{ digest: CONTENT, engine: 'ClamAV 1.4.6', database: digest('database'), at: 1 },
  ...over,
});
const REQUIRED = { scanning: 'required' } as const;

describe('what may be delivered where a scanner was agreed', () => {
  it('is what a clean verdict over these very bytes speaks of, and it is said by which engine and database', () => {
    const said = { engine: 'ClamAV 1.4.6', database: digest('database'), at: 1 };
    expect(mayDeliver(REQUIRED, CONTENT, verdict())).toEqual({ allowed: true, value: said });
  });

  it.each([
    ['no verdict', undefined, 'scanner_unavailable'],
    ['a clean verdict over other bytes', verdict({ digest: digest('other') }), 'scanner_unavailable'],
    ['a scanner whose engine is gone', verdict(notClean('engine_absent')), 'scanner_unavailable'],
    ['a clean word of no engine', verdict({ engine: null }), 'scanner_unavailable'],
    ['a clean word of no database', verdict({ database: null }), 'scanner_unavailable'],
    ['a signature', verdict(notClean('signature', 'X')), 'scan_not_clean'],
    ['a broken bound', verdict(notClean('ratio')), 'scan_not_clean'],
    ['what nobody could look at', verdict(notClean('encrypted')), 'scan_not_clean'],
  ])('is nothing with %s', (_, said, code) => {
    expect(mayDeliver(REQUIRED, CONTENT, said)).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('is anything where none was agreed, and nothing is said of it', () => {
    expect(mayDeliver({}, CONTENT, undefined)).toEqual({ allowed: true, value: undefined });
    expect([wasScanned({}, undefined), wasScanned(REQUIRED, undefined)]).toEqual([true, false]);
  });

  it('needs both sides to change, either way: alone one could stop the tap of the other', () => {
    const term = dataCollection as DataTerm;
    const of = (data: DataTerm) => ({ ...withTerms(), terms: [data] });
    const scanned: DataTerm = { ...term, ...REQUIRED };
    for (const [before, after] of [
      [term, scanned],
      [scanned, term],
    ] as const)
      expect(compareVersions(of(before), of(after)).map(({ effect }) => effect)).toEqual(['both']);
    expect([termWords(scanned), termWords(term)].map((words) => words.includes('scanner'))).toEqual([true, false]);
  });
});

describe('a release', () => {
  const by = (organisation: typeof BUYER, name: string) => ({ organisation, id: name as LocalId });

  it('stands with a person of the owner and one of each who receives it', () => {
    expect(releaseMissing(BUYER, [VENDOR], [])).toEqual([BUYER, VENDOR]);
    expect(releaseMissing(BUYER, [VENDOR], [by(BUYER, 'a'), by(BUYER, 'b')])).toEqual([VENDOR]);
    expect(releaseMissing(BUYER, [VENDOR, BUYER], [by(BUYER, 'a'), by(VENDOR, 'c')])).toEqual([]);
  });

  it('takes two persons where owner and recipient are one, and one person twice is one', () => {
    expect(releaseMissing(BUYER, [BUYER], [by(BUYER, 'a'), by(BUYER, 'a')])).toEqual([BUYER]);
    expect(releaseMissing(BUYER, [BUYER], [by(BUYER, 'a'), by(VENDOR, 'c')])).toEqual([BUYER]);
    expect(releaseMissing(BUYER, [BUYER], [by(BUYER, 'a'), by(BUYER, 'b')])).toEqual([]);
  });
});
