/** What a person at a terminal has typed so far. `escape` counts the bytes of a key sequence (arrows) that is being skipped. */
export interface TypedLine {
  readonly text: string;
  readonly escape: 'none' | 'started' | 'inside';
  readonly afterReturn: boolean;
}

export const NOTHING_TYPED: TypedLine = { text: '', escape: 'none', afterReturn: false };

export type TypedEvent = { readonly kind: 'line'; readonly line: string } | { readonly kind: 'interrupt' | 'end' };

/** Longest line a console takes; further keys are not echoed. */
export const LONGEST_TYPED_LINE = 512;

/**
 * Turns the keys of one chunk into lines, and says what a terminal must show for them. Enter is CR, LF or CRLF; knows backspace, Ctrl-U,
 * Ctrl-C and, on an empty line, Ctrl-D. Control characters are never echoed: what one peer types must not steer the other's terminal.
 */
export function typeKeys(typed: TypedLine, keys: string): { typed: TypedLine; echo: string; events: TypedEvent[] } {
  const events: TypedEvent[] = [];
  let now = typed;
  let echo = '';
  for (const key of keys) {
    const step = typeKey(now, key);
    now = step.typed;
    echo += step.echo;
    if (step.event) events.push(step.event);
  }
  return { typed: now, echo, events };
}

interface KeyStep {
  readonly typed: TypedLine;
  readonly echo: string;
  readonly event?: TypedEvent;
}

function typeKey(typed: TypedLine, key: string): KeyStep {
  const { text } = typed;
  const stay = { ...typed, afterReturn: false };
  if (typed.escape !== 'none') return { typed: { ...stay, escape: escapeAfter(typed.escape, key) }, echo: '' };
  switch (key) {
    case '\r':
      return { typed: { ...NOTHING_TYPED, afterReturn: true }, echo: '\r\n', event: { kind: 'line', line: text } };
    case '\n':
      if (typed.afterReturn) return { typed: stay, echo: '' };
      return { typed: NOTHING_TYPED, echo: '\r\n', event: { kind: 'line', line: text } };
    case '\u007f':
    case '\b':
      return text === '' ? { typed: stay, echo: '' } : { typed: { ...stay, text: text.slice(0, -1) }, echo: '\b \b' };
    case '\u0015':
      return { typed: NOTHING_TYPED, echo: '\b \b'.repeat(text.length) };
    case '\u0003':
      return { typed: NOTHING_TYPED, echo: '^C\r\n', event: { kind: 'interrupt' } };
    case '\u0004':
      return text === '' ? { typed: stay, echo: '', event: { kind: 'end' } } : { typed: stay, echo: '' };
    case '\u001b':
      return { typed: { ...stay, escape: 'started' }, echo: '' };
    default:
      if (key < ' ' || key > '~' || text.length >= LONGEST_TYPED_LINE) return { typed: stay, echo: '' };
      return { typed: { ...stay, text: text + key }, echo: key };
  }
}

const escapeAfter = (before: 'started' | 'inside', key: string): TypedLine['escape'] => {
  if (before === 'started') return key === '[' || key === 'O' ? 'inside' : 'none';
  return key >= '@' && key <= '~' ? 'none' : 'inside';
};
