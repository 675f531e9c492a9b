/** Texts that can be searched for those one letter apart. Immutable. */
export interface NearTexts {
  readonly texts: readonly string[];
  /** First entry of each bucket, and the next entry after each; -1 is none. */
  readonly heads: Int32Array;
  readonly next: Int32Array;
  /** Of each entry: a text's number, and the hash of the text or of the text with one letter left out. */
  readonly owners: Int32Array;
  readonly hashes: Int32Array;
}

/** Whether one letter left out of one text, or of each, makes them the same. Equal texts are. */
export function oneLetterApart(one: string, other: string): boolean {
  const [long, short] = one.length < other.length ? [other, one] : [one, other];
  if (long.length - short.length > 1) return false;
  let from = 0;
  while (from < short.length && long.charCodeAt(from) === short.charCodeAt(from)) from += 1;
  if (from === short.length) return true;
  if (long.length > short.length) return sameSpan(long, from + 1, short, from, short.length - from);
  let to = short.length - 1;
  while (long.charCodeAt(to) === short.charCodeAt(to)) to -= 1;
  return sameSpan(long, from + 1, short, from, to - from) || sameSpan(short, from + 1, long, from, to - from);
}

function sameSpan(a: string, atA: number, b: string, atB: number, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (a.charCodeAt(atA + i) !== b.charCodeAt(atB + i)) return false;
  return true;
}

/** Indexes texts by what is left of them without one letter. */
export function indexNear(texts: readonly string[]): NearTexts {
  const entries = texts.reduce((sum, text) => sum + text.length + 1, 0);
  const heads = new Int32Array(2 ** Math.ceil(Math.log2(entries + 1))).fill(-1);
  const [next, owners, hashes] = [new Int32Array(entries), new Int32Array(entries), new Int32Array(entries)];
  let entry = 0;
  for (const [owner, text] of texts.entries())
    eachNearHash(text, (hash) => {
      const bucket = bucketOf(hash, heads.length);
      next[entry] = heads[bucket] as number;
      heads[bucket] = entry;
      owners[entry] = owner;
      hashes[entry] = hash;
      entry += 1;
    });
  return { texts, heads, next, owners, hashes };
}

/** Numbers of the indexed texts that are one letter apart from this one, or equal to it; each once. */
export function findNear({ texts, heads, next, owners, hashes }: NearTexts, text: string): readonly number[] {
  const found: number[] = [];
  eachNearHash(text, (hash) => {
    let entry = heads[bucketOf(hash, heads.length)] as number;
    for (; entry >= 0; entry = next[entry] as number) {
      const owner = owners[entry] as number;
      // Two texts may share a hash; the letters decide.
      if (hashes[entry] !== hash || found.includes(owner) || !oneLetterApart(texts[owner] as string, text)) continue;
      found.push(owner);
    }
  });
  return found;
}

const FACTOR = 0x01000193;

/** Hashes of the text and of the text without each of its letters, made from one another: nothing is copied. */
function eachNearHash(text: string, visit: (hash: number) => void): void {
  const last = text.length - 1;
  let hash = 0;
  for (let at = 0; at < last; at += 1) hash = (Math.imul(hash, FACTOR) + text.charCodeAt(at)) | 0;
  visit((Math.imul(hash, FACTOR) + text.charCodeAt(last)) | 0);
  let power = 1;
  for (let at = last; at >= 0; at -= 1) {
    const change = at === 0 ? 0 : text.charCodeAt(at) - text.charCodeAt(at - 1);
    // Without one of two equal neighbours the text is the same.
    if (at === 0 || change !== 0) visit(hash);
    hash = (hash + Math.imul(change, power)) | 0;
    power = Math.imul(power, FACTOR);
  }
}

const bucketOf = (hash: number, buckets: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & (buckets - 1);
};
