/** Numbers that were seen, as spans from first to last, in order and apart from each other. */
export type Sequences = readonly (readonly [number, number])[];

export const NO_SEQUENCES: Sequences = [];

export const hasSequence = (seen: Sequences, sequence: number): boolean =>
  seen.some(([from, to]) => from <= sequence && sequence <= to);

/** The spans with one number more. However many numbers there are, they take as much room as there are holes between them. */
export function withSequence(seen: Sequences, sequence: number): Sequences {
  if (hasSequence(seen, sequence)) return seen;
  const before = seen.filter(([, to]) => to < sequence - 1);
  const after = seen.filter(([from]) => from > sequence + 1);
  const touching = seen.slice(before.length, seen.length - after.length).flat();
  return [...before, [Math.min(sequence, ...touching), Math.max(sequence, ...touching)], ...after];
}

/** How many numbers are missing between the first and the last that were seen. */
export const missingIn = (seen: Sequences): number =>
  seen.slice(1).reduce((sum, [from], at) => sum + from - (seen[at]?.[1] ?? from) - 1, 0);
