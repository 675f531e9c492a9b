/** A string shorter than this holds no file. Characters. */
export const SHORTEST_PACKED = 32;

const BASE64 = /^[A-Za-z0-9+/_\-\s]+={0,2}\s*$/;
const DATA_URL = /^data:[^,]{0,200};base64,/i;

/** The base64 (RFC 4648 section 4 or 5, line breaks allowed) that this text is, ready for a decoder; nothing where it is none. */
export function base64In(text: string): string | undefined {
  const bare = text.replace(DATA_URL, '').trim();
  if (bare.length < SHORTEST_PACKED || !BASE64.test(bare)) return undefined;
  const joined = bare.replace(/\s+/g, '').replace(/=+$/, '');
  return joined.length % 4 === 1 ? undefined : joined;
}

/** Beyond this a JSON text is not walked: whoever nests deeper hides something. */
export const DEEPEST_JSON = 64;

/**
 * Every string of a JSON value, names included, as its reader will have it: without its escapes.
 *
 * @returns nothing where the value is nested deeper than is walked
 */
export function stringsOf(value: unknown): readonly string[] | undefined {
  const found: string[] = [];
  const walk = (one: unknown, depth: number): boolean => {
    if (typeof one === 'string') found.push(one);
    if (typeof one !== 'object' || one === null) return true;
    if (depth >= DEEPEST_JSON) return false;
    return Object.entries(one).every(([name, member]) => {
      if (!Array.isArray(one)) found.push(name);
      return walk(member, depth + 1);
    });
  };
  return walk(value, 0) ? found : undefined;
}
