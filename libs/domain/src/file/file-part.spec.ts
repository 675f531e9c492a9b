import { describe, expect, it } from '@jest/globals';
import type { ProductKey } from '../documents/agreement.js';
import type { LocalId } from '../names.js';
import { compileMinimise } from '../telemetry/minimise.js';
import { carriesFiles, FILE_KEY, filePartIn, LARGEST_FILE, PART_BYTES } from './file-part.js';

const part = (over: object = {}) =>
  JSON.stringify({ file: `sha256:${'A'.repeat(43)}`, name: 'press-7.bin', size: 3, at: 0, hex: '00ff10', ...over });
const key = (over: Partial<ProductKey> = {}): ProductKey => ({
  ...{ key: FILE_KEY, unit: null, category: 'firmware' as LocalId, action: 'pass', step: null },
  ...over,
});

describe('a part of a file', () => {
  it('says of which file it is, and where it begins', () => {
    expect(filePartIn(part())).toMatchObject({ size: 3, at: 0, hex: '00ff10' });
    const whole = 'ab'.repeat(PART_BYTES);
    expect(filePartIn(part({ size: PART_BYTES + 3, hex: whole }))).toBeDefined();
    expect(filePartIn(part({ size: PART_BYTES + 3, at: PART_BYTES }))).toBeDefined();
  });

  it.each([
    ['another digest', { file: 'sha256:short' }],
    ['a path', { name: '../press-7.bin' }],
    ['an absolute path', { name: '/etc/passwd' }],
    ['a hidden name', { name: '.profile' }],
    ['a name that a shell reads', { name: 'a;reboot' }],
    ['no size', { size: 0 }],
    ['a size beyond what is looked at', { size: LARGEST_FILE + 1, hex: 'ab'.repeat(PART_BYTES) }],
    ['a size that is no number', { size: '3' }],
    ['bytes beyond its end', { hex: '00ff1000' }],
    ['fewer bytes than it has there', { hex: '00ff' }],
    ['a place after its end', { at: PART_BYTES }],
    ['a place before its beginning', { at: -PART_BYTES }],
    ['a place between parts', { size: PART_BYTES, at: 1, hex: 'ab'.repeat(PART_BYTES - 1) }],
    ['half a byte', { hex: '00ff1' }],
    ['a member that nobody knows', { mode: '0755' }],
  ])('is none with %s', (_what, over) => {
    expect(filePartIn(part(over))).toBeUndefined();
  });

  it('is none in any other text', () => {
    for (const text of ['', 'file', '{', '[]', 'null', '{}']) expect(filePartIn(text)).toBeUndefined();
  });

  it('leaves whole, whatever a rule would cut out of a text that looks like it', () => {
    const minimise = compileMinimise([key()], [{ kind: 'identifier', text: '00ff10' }], { hash: () => '' });
    if (!minimise.allowed) throw new Error(minimise.refusal.code);
    const left = (value: string) => minimise.value([{ at: '', key: FILE_KEY, value }]).leaving.map((one) => one.value);
    expect(left(part())).toEqual([part()]);
    expect(left('00ff10')).toEqual(['***']);
  });
});

describe('a term', () => {
  it('carries files only where both signed that a scanner is asked, and that they pass as they are', () => {
    expect(carriesFiles({ keys: [key()], scanning: 'required' })).toBe(true);
    expect(carriesFiles({ keys: [key()] })).toBe(false);
    expect(carriesFiles({ keys: [key({ action: 'hash' })], scanning: 'required' })).toBe(false);
    expect(carriesFiles({ keys: [key({ key: 'force' })], scanning: 'required' })).toBe(false);
  });
});
