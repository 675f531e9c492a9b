import { describe, expect, it } from '@jest/globals';
import { BUYER, digest, VENDOR } from '../../test/a-right.js';
import type { ProductKey } from '../documents/agreement.js';
import { FILE_KEY } from '../file/file-part.js';
import type { LocalId } from '../names.js';
import { mayLetIn, type WaitingFile } from './let-in.js';
import { CLEAN, notClean, type ScanVerdict } from './verdict.js';

const CONTENT = digest('firmware');
const key: ProductKey = { key: FILE_KEY, unit: null, category: 'firmware' as LocalId, action: 'pass', step: null };
const TERM = { keys: [key], scanning: 'required' } as const;
const by = (organisation: typeof BUYER, name: string) => ({ organisation, id: name as LocalId });
const both = [by(VENDOR, 'release-manager'), by(BUYER, 'shift-lead')];
const verdict = (over: Partial<ScanVerdict> = {}): ScanVerdict => ({
  ...CLEAN,
  ...{ digest: CONTENT, engine: 'ClamAV 1.4.6', database: digest('database'), at: 1 },
  ...over,
});
const file = (over: Partial<WaitingFile> = {}): WaitingFile => ({
  ...{ content: CONTENT, owner: VENDOR, recipients: [BUYER], signedOver: CLEAN, signed: both },
  ...over,
});

describe('a file that waits in a drop box', () => {
  it('is let in when whoever sends it and whoever receives it signed, and the scanner finds it clean at that moment', () => {
    expect(mayLetIn(TERM, file(), verdict())).toEqual({ allowed: true, value: [] });
  });

  it.each([
    ['nobody', [], [VENDOR, BUYER]],
    ['the sender alone', [by(VENDOR, 'release-manager'), by(VENDOR, 'developer')], [BUYER]],
    ['the plant alone', [by(BUYER, 'shift-lead'), by(BUYER, 'engineer')], [VENDOR]],
    ['a stranger', [by('third.example' as typeof BUYER, 'anna'), ...both.slice(1)], [VENDOR]],
  ])('waits, clean as it is, where %s signed', (_who, signed, missing) => {
    expect(mayLetIn(TERM, file({ signed }), verdict())).toEqual({ allowed: true, value: missing });
  });

  it.each([
    ['no scanner', undefined, 'scanner_unavailable'],
    ['a word over other bytes', verdict({ digest: digest('other') }), 'scanner_unavailable'],
    ['a scanner without its engine', verdict(notClean('engine_absent')), 'scanner_unavailable'],
    ['what the scanner has learned since', verdict(notClean('signature', 'X')), 'scan_not_clean'],
  ])('stays out with %s, whoever signed', (_what, said, code) => {
    expect(mayLetIn(TERM, file(), said)).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('is let in although it is not clean only where that very finding was signed over', () => {
    const encrypted = notClean('encrypted');
    expect(mayLetIn(TERM, file({ signedOver: encrypted }), verdict(encrypted))).toEqual({ allowed: true, value: [] });
    expect(mayLetIn(TERM, file({ signedOver: encrypted }), verdict(notClean('signature', 'X')))).toMatchObject({
      refusal: { code: 'scan_not_clean' },
    });
    const damaged = mayLetIn(TERM, file({ signedOver: encrypted }), verdict(notClean('damaged')));
    expect(damaged).toMatchObject({ refusal: { code: 'scan_not_clean' } });
    const [one, other] = [notClean('signature', 'X'), notClean('signature', 'Y')];
    expect(mayLetIn(TERM, file({ signedOver: one }), verdict(other)).allowed).toBe(false);
  });

  it('stays out where the agreement lets no files in any more', () => {
    const refused = { refusal: { code: 'files_not_agreed' } };
    expect(mayLetIn({ keys: [key] }, file(), verdict())).toMatchObject(refused);
    expect(mayLetIn({ ...TERM, keys: [{ ...key, action: 'drop' }] }, file(), verdict())).toMatchObject(refused);
  });
});
