/** Longest line kept, in UTF-16 units. The longest of the recorded turn-mill is 3,179; whole assets stay below this too. */
export const LONGEST_LINE = 65_536;

/** What a byte stream left behind between two chunks. `skipping` is on while the rest of an overlong line is thrown away. */
export interface PartialLine {
  readonly text: string;
  readonly skipping: boolean;
}

export const NO_PARTIAL_LINE: PartialLine = { text: '', skipping: false };

export interface TakenLines {
  readonly lines: readonly string[];
  readonly partial: PartialLine;
  /** Lines thrown away because they were longer than allowed; each counted once, when it ends. */
  readonly overlong: number;
}

/**
 * Cuts a chunk of text into lines (LF or CRLF), carrying an unfinished one to the next call.
 * Never holds more than `longest` units beside the chunk itself: a peer that sends no line end cannot fill the memory.
 */
export function takeLines(partial: PartialLine, chunk: string, longest: number = LONGEST_LINE): TakenLines {
  const pieces = chunk.split('\n');
  const last = pieces.pop() ?? '';
  const lines: string[] = [];
  let { text, skipping } = partial;
  let overlong = 0;
  for (const piece of pieces) {
    if (skipping || text.length + piece.length > longest) overlong += 1;
    else lines.push(withoutReturn(text + piece));
    text = '';
    skipping = false;
  }
  if (skipping || text.length + last.length > longest)
    return { lines, partial: { text: '', skipping: true }, overlong };
  return { lines, partial: { text: text + last, skipping: false }, overlong };
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
