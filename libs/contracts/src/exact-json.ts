export type InexactJson = 'json_member_twice' | 'json_number_inexact' | 'text_not_normalised';

const [QUOTE, BACKSLASH] = ['"'.charCodeAt(0), '\\'.charCodeAt(0)];
const NUMBER = /-?\d[\d.eE+-]*/y;

/**
 * What in a JSON text two readers could read differently: a member that is named twice in one object, a number that a double cannot hold exactly
 * (RFC 8259, section 6; RFC 7493, section 2.2), text that is not well-formed Unicode in normalisation form C. Undefined where there is nothing. The text has been
 * parsed before: whatever is no JSON at all is somebody else's to refuse.
 */
export function inexactJson(text: string): InexactJson | undefined {
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '{') open.push(new Set());
    else if (sign === '[') open.push(undefined);
    else if (sign === '}' || sign === ']') open.pop();
    if (sign === '{' || sign === ',') isName = open.at(-1) !== undefined;
    if (sign === '"') {
      const end = endOfString(text, at);
      const said = JSON.parse(text.slice(at, end)) as string;
      if (!said.isWellFormed() || said !== said.normalize('NFC')) return 'text_not_normalised';
      const names = isName ? open.at(-1) : undefined;
      if (names?.has(said)) return 'json_member_twice';
      names?.add(said);
      isName = false;
      at = end - 1;
    } else if (sign === '-' || (sign !== undefined && sign >= '0' && sign <= '9')) {
      NUMBER.lastIndex = at;
      const [written = ''] = NUMBER.exec(text) ?? [];
      if (!isExact(Number(written))) return 'json_number_inexact';
      at += Math.max(0, written.length - 1);
    }
  }
  return undefined;
}

const isExact = (number: number): boolean =>
  Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at + 1;
    if (unit === BACKSLASH) at += 1;
  }
  return text.length;
}
