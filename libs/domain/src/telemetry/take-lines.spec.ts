import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_PARTIAL_LINE, takeLines } from './take-lines.js';

const readAll = (chunks: readonly string[], longest?: number) => {
  let partial = NO_PARTIAL_LINE;
  const lines: string[] = [];
  let overlong = 0;
  for (const chunk of chunks) {
    const taken = takeLines(partial, chunk, longest);
    partial = taken.partial;
    lines.push(...taken.lines);
    overlong += taken.overlong;
  }
  return { lines, partial, overlong };
};

describe('lines of a stream', () => {
  it('are the same however the stream was cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '|', '\r', '\n', 'é') })), (chunks) => {
        expect(readAll(chunks)).toEqual(readAll([chunks.join('')]));
      }),
    );
  });

  it('lose their LF or CRLF, and an unfinished one waits', () => {
    expect(readAll(['a\r\nb\n\nc'])).toEqual({
      lines: ['a', 'b', ''],
      partial: { text: 'c', skipping: false },
      overlong: 0,
    });
  });

  it('of exactly the longest length are kept, one unit more is thrown away and counted once', () => {
    expect(readAll(['1234\n12345\n12\n'], 4)).toMatchObject({ lines: ['1234', '12'], overlong: 1 });
    expect(readAll(['123', '45', '678', '9\n12\n'], 4)).toMatchObject({ lines: ['12'], overlong: 1 });
  });

  it('never hold more than the longest line when no line end comes', () => {
    let partial = NO_PARTIAL_LINE;
    for (let i = 0; i < 1_000; i += 1) {
      partial = takeLines(partial, 'x'.repeat(100), 4_096).partial;
      expect(partial.text.length).toBeLessThanOrEqual(4_096);
    }
    expect(partial.skipping).toBe(true);
  });
});
