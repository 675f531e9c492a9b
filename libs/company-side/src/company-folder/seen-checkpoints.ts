import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64, encodeBase64, isHash, type SeenCheckpoint } from '@interlock/proof';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const stored = z.strictObject({ size: z.number().int().min(0), root: z.string() });
const MOST_LOGS = 10_000;
const LOG_NAME = /^[a-z0-9_]{1,80}$/;

/** What the witness of this folder saw last of a log; undefined when it never saw it. A file that cannot be read throws: guessing would be forgetting. */
export function readSeen(dir: string, log: string): SeenCheckpoint | undefined {
  const file = fileOf(dir, log);
  const read = file === undefined ? undefined : readJsonIfThere(file);
  if (read === undefined) return undefined;
  const { size, root } = stored.parse(read);
  const hash = decodeBase64(root);
  if (!hash || !isHash(hash)) throw new Error(`${file} does not hold a checkpoint`);
  return { size, root: hash };
}

/** Durable when it returns: only then may a cosignature leave. */
export function keepSeen(dir: string, log: string, seen: SeenCheckpoint): void {
  const file = fileOf(dir, log);
  if (!file) throw new RangeError('this is no name of a log');
  mkdirSync(folderOf(dir), { recursive: true, mode: 0o700 });
  // Names come from the broker; it may make this disk busy, not full.
  if (!existsSync(file) && readdirSync(folderOf(dir)).length >= MOST_LOGS) throw new RangeError('too many logs');
  writeDurably(file, JSON.stringify({ size: seen.size, root: encodeBase64(seen.root) }));
}

const folderOf = (dir: string): string => join(layout(dir).state, 'witness');

/** The name comes from the broker, and becomes part of a path. */
const fileOf = (dir: string, log: string): string | undefined =>
  LOG_NAME.test(log) ? join(folderOf(dir), `${log}.json`) : undefined;
