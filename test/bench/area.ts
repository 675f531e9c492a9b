/** The parts of the product that a torture is asked for. */
export const AREAS = ['agreements', 'grants', 'gateway', 'data', 'audit', 'story'] as const;
export type Area = (typeof AREAS)[number];

/**
 * What `--area` names, or every area that has something to run. Throws with what there is.
 */
export function areasAsked<T>(id: string, known: Partial<Record<Area, T>>): readonly (readonly [Area, T])[] {
  const at = process.argv.indexOf('--area');
  const asked = at < 0 ? undefined : process.argv[at + 1];
  const there = AREAS.flatMap((area) => {
    const one = known[area];
    return one === undefined ? [] : [[area, one] as const];
  });
  const chosen = asked === undefined ? there : there.filter(([area]) => area === asked);
  if (chosen.length === 0)
    throw new Error(`${id} has nothing for --area ${asked}; there are: ${there.map(([area]) => area).join(', ')}`);
  return chosen;
}

export const isQuick = (): boolean => process.argv.includes('--quick');
