import { readJsonIfThere, writeDurably } from '@interlock/company-side';
import { z } from 'zod';

const positionsFile = z.record(z.string(), z.number().int().min(0));

/** How far each reader has taken what is kept. */
export interface Positions {
  readonly all: ReadonlyMap<string, number>;
  /** The place of the next batch this reader wants; undefined where nobody of that name read yet. */
  of(reader: string): number | undefined;
  /** Forward when it has taken everything before `to`, backward to have it again. After it returns this survives a power cut. */
  move(reader: string, to: number): void;
}

/** @throws if the file is none of positions */
export function openPositions(file: string): Positions {
  const all = new Map(Object.entries(positionsFile.parse(readJsonIfThere(file) ?? {})));
  return {
    all,
    of: (reader) => all.get(reader),
    move: (reader, to) => {
      all.set(reader, to);
      writeDurably(file, JSON.stringify(Object.fromEntries(all)));
    },
  };
}
