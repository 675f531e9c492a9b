import type { DataTerm } from '../documents/agreement.js';
import { type Digest, parseDigest } from '../names.js';
import { SCAN_BOUNDS } from '../scan/bounds.js';

/** The key of a data product under which files travel, a part a value. */
export const FILE_KEY = 'file';

/** The largest file that comes in: what a scanner looks at as one part. Bytes. */
export const LARGEST_FILE = SCAN_BOUNDS.memberBytes;

/** Bytes of every part but the last; with what names it, a value of this many fits an observation. */
export const PART_BYTES = 4_608;

/** Some bytes of a file. It names the whole file, so that parts may come in any order, twice, and beside those of others. */
export interface FilePart {
  /** SHA-256 of the whole file. */
  readonly file: Digest;
  /** What its sender calls it. A label, never a path. */
  readonly name: string;
  /** Of the whole file, in bytes. */
  readonly size: number;
  /** Where this part begins; a multiple of `PART_BYTES`. */
  readonly at: number;
  /** The bytes in hexadecimal: a fragment of an archive must not be taken for a broken one by whoever looks into texts. */
  readonly hex: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const HEX = /^(?:[0-9a-f]{2})+$/;
const MEMBERS = ['file', 'name', 'size', 'at', 'hex'];

/** Whether a sender may call a file this: no path, nothing hidden, nothing that a shell reads. */
export const isFileName = (name: string): boolean => NAME.test(name);

/** The part in the text of an observation; undefined where it is none, or claims what no file of its size has. */
export function filePartIn(text: string): FilePart | undefined {
  const part = jsonIn(text);
  if (typeof part !== 'object' || part === null || Object.keys(part).some((name) => !MEMBERS.includes(name))) return;
  const { file, name, size, at, hex } = part as Partial<Record<keyof FilePart, unknown>>;
  const whole = typeof file === 'string' ? parseDigest(file) : undefined;
  if (!whole || typeof name !== 'string' || !isFileName(name)) return undefined;
  if (!isWhole(size) || size < 1 || size > LARGEST_FILE || !isWhole(at) || at % PART_BYTES !== 0) return undefined;
  if (typeof hex !== 'string' || !HEX.test(hex) || hex.length / 2 !== Math.min(PART_BYTES, size - at)) return undefined;
  return { file: whole, name, size, at, hex };
}

const isWhole = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) >= 0;

function jsonIn(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether files may come in under a term: both signed that a scanner is asked, and that values of this key pass as they are. Under any other term the same
 * values are texts like all others, and nobody makes files of them.
 */
export const carriesFiles = ({ scanning, keys }: Pick<DataTerm, 'scanning' | 'keys'>): boolean =>
  scanning === 'required' &&
  keys.some(({ key, action, unit }) => key === FILE_KEY && action === 'pass' && unit === null);
