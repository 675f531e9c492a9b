import { readJsonIfThere, writeDurably } from '@interlock/company-side';
import { z } from 'zod';
import { WrongUsage } from '../../perform.js';
import type { LogQuestion } from '../read-log.js';

export const cursorFile = z.strictObject({
  typ: z.literal('interlock-stream-cursor'),
  v: z.literal(1),
  /** What is streamed where: rows that were left out by another question were never handed over. */
  stream: z.string(),
  /** What was asked: with `next`, what the receiver must have all of. */
  question: z.record(z.string(), z.unknown()).optional(),
  next: z.record(z.string(), z.number().int().min(0)),
});

/** Which row of each log is to be handed over next. On disk before it counts, so that a stream goes on where it stopped. */
export interface Cursor {
  next(log: string): number;
  /** Every row before `next` was taken. After it returns this survives a power cut. */
  move(log: string, next: number): void;
}

/**
 * @param stream what is streamed where, in a spelling that changes when either does
 * @throws WrongUsage where the file belongs to another stream, or is no cursor
 */
export function openCursor(file: string, stream: string, question: LogQuestion = {}): Cursor {
  const content = readJsonIfThere(file);
  const read = cursorFile.safeParse(content);
  if (content !== undefined && !read.success) throw new WrongUsage(`${file} is not the cursor of a stream`);
  if (read.success && read.data.stream !== stream)
    throw new WrongUsage(
      `${file} belongs to another stream (${read.data.stream}); name another file, or remove it to begin anew`,
    );
  const next = new Map(Object.entries(read.data?.next ?? {}));
  return {
    next: (log) => next.get(log) ?? 0,
    move: (log, to) => {
      next.set(log, to);
      const kept = { typ: 'interlock-stream-cursor', v: 1, stream, question, next: Object.fromEntries(next) };
      writeDurably(file, `${JSON.stringify(kept)}\n`);
    },
  };
}
