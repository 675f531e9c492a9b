import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { procText } from './processes.js';

/** What to look for, and what to call it when it is found. */
export interface Needle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Answers with the names of what was found. The bytes themselves are never shown: a test's output may be published. */
export interface Search {
  buffer(haystack: Buffer): Set<string>;
  text(haystack: string): Set<string>;
  /** A file, or every file of a folder and its folders. */
  path(path: string): Set<string>;
  /** Everything that a process ever wrote into its memory; `undefined` where this user may not look. */
  memory(pid: number): Set<string> | undefined;
}

const PIECE = 4 << 20;
const WORD = 4;
const SHORTEST = 2 * WORD - 1;
const FILTER_BITS = 18;
// Held here because a test's global names are looked up anew at every use, which this loop cannot afford.
const { imul } = Math;
const hashOf = (word: number): number => imul(word, 0x9e3779b1) >>> (32 - FILTER_BITS);

interface Place {
  readonly needle: Needle;
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * Compiles many needles to one pass. Every occurrence of a needle of n bytes covers a place divisible by n - 3, four bytes whole: so only
 * every such place is looked at, and memories of gigabytes are searched in seconds. Throws for a needle of less than seven bytes.
 */
export function compileSearch(needles: readonly Needle[]): Search {
  const shortest = Math.min(...needles.map(({ bytes }) => bytes.length));
  if (!(shortest >= SHORTEST)) throw new RangeError(`a needle needs at least ${SHORTEST} bytes`);
  const longest = Math.max(...needles.map(({ bytes }) => bytes.length));
  const step = Math.floor((shortest - WORD + 1) / WORD);
  const { filter, places } = indexOf(needles, step * WORD);
  const scan = (haystack: Buffer, found: Set<string>): void => {
    const words = new Int32Array(haystack.buffer, haystack.byteOffset, Math.floor(haystack.length / WORD));
    const { length } = words;
    for (let here = 0; here < length; here += step) {
      const word = words[here] ?? 0;
      if (filter[hashOf(word)] !== 0) confirm(haystack, here * WORD, places.get(word) ?? [], found);
    }
  };
  const piece = Buffer.alloc(PIECE);
  const range = (file: number, from: number, to: number, found: Set<string>): void => {
    for (let at = from; at < to; at += PIECE - longest) {
      const got = readAt(file, piece, at, Math.min(PIECE, to - at));
      scan(piece.subarray(0, got), found);
      if (got < PIECE) return;
    }
  };
  return {
    buffer: (haystack) => collect((found) => scan(aligned(haystack), found)),
    text: (haystack) => collect((found) => scan(aligned(Buffer.from(haystack)), found)),
    path: (path) => collect((found) => everyFile(path, (file) => range(file, 0, Number.MAX_SAFE_INTEGER, found))),
    memory: (pid) => inMemory(pid, (file, from, to, found) => range(file, from, to, found)),
  };
}

/** The first words of every needle at every distance that it can have from the next place that is looked at. */
function indexOf(needles: readonly Needle[], stride: number): { filter: Uint8Array; places: Map<number, Place[]> } {
  const filter = new Uint8Array(1 << FILTER_BITS);
  const places = new Map<number, Place[]>();
  for (const needle of needles) {
    const bytes = Buffer.from(needle.bytes);
    for (let at = 0; at < stride; at += 1) {
      const word = bytes.readInt32LE(at);
      filter[hashOf(word)] = 1;
      places.set(word, [...(places.get(word) ?? []), { needle, bytes, at }]);
    }
  }
  return { filter, places };
}

function confirm(haystack: Buffer, here: number, places: readonly Place[], found: Set<string>): void {
  for (const { needle, bytes, at } of places) {
    const [from, to] = [here - at, here - at + bytes.length];
    if (from < 0 || to > haystack.length) continue;
    if (haystack.compare(bytes, 0, bytes.length, from, to) === 0) found.add(needle.name);
  }
}

/** A copy at the start of memory of its own, where words of four bytes can be read as such. */
const aligned = (haystack: Buffer): Buffer => Buffer.from(new Uint8Array(haystack).buffer);

const collect = (work: (found: Set<string>) => void): Set<string> => {
  const found = new Set<string>();
  work(found);
  return found;
};

/** Nothing is read where a page cannot be: a guard, or a file that ended or went away meanwhile. */
function readAt(file: number, piece: Buffer, at: number, length: number): number {
  try {
    return readSync(file, piece, 0, length, at);
  } catch {
    return 0;
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function everyFile(path: string, work: (file: number) => void): void {
  const names = list(path);
  if (names) {
    for (const name of names) everyFile(join(path, name), work);
    return;
  }
  const file = opened(path);
  if (file === undefined) return;
  work(file);
  closeSync(file);
}

function list(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

function inMemory(
  pid: number,
  range: (file: number, from: number, to: number, found: Set<string>) => void,
): Set<string> | undefined {
  const file = opened(`/proc/${pid}/mem`);
  const mappings = touched(pid);
  if (file === undefined || mappings.length === 0) return undefined;
  const found = new Set<string>();
  for (const [from, to] of mappings) range(file, from, to, found);
  closeSync(file);
  return found;
}

/** Mappings that can be written and of which at least one page is there: what is only read is a file, and is searched as one. */
function touched(pid: number): [number, number][] {
  const entries = procText(pid, 'smaps').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return entries.flatMap((entry) => {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(entry) ?? [];
    const resident = /^Rss:\s+(\d+)/m.exec(entry)?.[1];
    if (!from || !to || resident === '0') return [];
    return [[Number.parseInt(from, 16), Number.parseInt(to, 16)]];
  });
}
