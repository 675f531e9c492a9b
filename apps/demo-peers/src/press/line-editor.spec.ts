import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LONGEST_TYPED_LINE, NOTHING_TYPED, typeKeys } from './line-editor.js';

const lines = (keys: string) =>
  typeKeys(NOTHING_TYPED, keys).events.map((event) => (event.kind === 'line' ? event.line : event.kind));

describe('a line at the console', () => {
  it.each([
    ['enter as CR, LF and CRLF', 'a\rb\nc\r\nd\n', ['a', 'b', 'c', 'd']],
    ['two enters', 'a\r\r', ['a', '']],
    ['backspace, also on nothing', '\u007fax\u007f\b\bstatus\r', ['status']],
    ['Ctrl-U', 'wrong\u0015right\r', ['right']],
    ['Ctrl-C', 'half\u0003uptime\r', ['interrupt', 'uptime']],
    ['Ctrl-D on an empty line only', 'a\u0004b\r\u0004', ['ab', 'end']],
    ['arrows and function keys', 'sta\u001b[A\u001bOP\u001b[1;5Ctus\r', ['status']],
    ['control and other characters', 'st\u0000\u0007a\u0085t\u{1f600}us\r', ['status']],
  ])('knows %s', (_what, keys, expected) => {
    expect(lines(keys)).toEqual(expected);
  });

  it('shows what was typed, and removes what was taken back', () => {
    expect(typeKeys(NOTHING_TYPED, 'ab\u007f\r').echo).toBe('ab\b \b\r\n');
  });

  it('takes no more than its longest', () => {
    const { typed, echo } = typeKeys(NOTHING_TYPED, 'x'.repeat(LONGEST_TYPED_LINE + 1));
    expect(typed.text).toHaveLength(LONGEST_TYPED_LINE);
    expect(echo).toHaveLength(LONGEST_TYPED_LINE);
  });

  it('never echoes a control sequence that was typed, and does not depend on the chunks it came in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', '\u001b', '[', '3', '~', '\r', '\n', '\u0003', 'é') })),
        (chunks) => {
          const whole = typeKeys(NOTHING_TYPED, chunks.join(''));
          let typed = NOTHING_TYPED;
          let echo = '';
          for (const chunk of chunks) {
            const step = typeKeys(typed, chunk);
            typed = step.typed;
            echo += step.echo;
          }
          expect({ typed, echo }).toEqual({ typed: whole.typed, echo: whole.echo });
          expect(echo).not.toContain('\u001b');
        },
      ),
    );
  });
});
