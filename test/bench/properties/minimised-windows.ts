import { compileMinimise, type LocalId, type ProductKey } from '@interlock/domain';
import { type Said, windowsOf } from './oracles/windows.js';
import type { PropertyArea, Random } from './property.js';

const LEAST = 5;
const FROM = Date.UTC(2026, 10, 1);

const keyed = (key: string, action: ProductKey['action'], step: number | null): ProductKey => ({
  ...{ key, unit: 'kN', category: 'process' as LocalId, action, step },
});

const saidBy = (random: Random): Said[] =>
  Array.from({ length: random.below(40) }, () => ({
    ms: FROM + random.below(60_000),
    text: String((random.below(2_000) - 1_000) / 4),
  }));

/** Of a key that is aggregated nothing leaves but what the oracle says of its windows; another key of the same event is as it was. */
function leavesWindowsAlone(random: Random): string | undefined {
  const [said, seconds] = [saidBy(random), random.pick([1, 5, 10, 60])];
  const minimise = compileMinimise([keyed('force', 'aggregate', seconds), keyed('speed', 'pass', null)], [], {
    hash: () => '',
  });
  if (!minimise.allowed) return minimise.refusal.code;
  const others = random.below(3);
  const parts = [
    ...said.map(({ ms, text }) => ({ at: new Date(ms).toISOString(), key: 'force', value: text })),
    ...Array.from({ length: others }, () => ({ at: '', key: 'speed', value: '7' })),
  ];
  const { leaving } = minimise.value(parts);
  const ours = leaving.filter(({ key }) => key === 'force');
  const wanted = windowsOf(said, seconds, LEAST);
  if (leaving.length - ours.length !== others) return 'another key is touched';
  if (ours.length !== wanted.length) return `${ours.length} windows, and ${wanted.length} may leave`;
  return wanted.map((one, at) => differs(one, ours[at])).find((found) => found !== undefined);
}

function differs(
  { begin, count, least, greatest, sum }: ReturnType<typeof windowsOf>[number],
  left: { readonly at: string; readonly value: string } | undefined,
): string | undefined {
  if (!left || Date.parse(left.at) !== begin) return `a window begins at ${left?.at}`;
  const [counted, lowest, highest, mean, ...more] = left.value.split(' ').map(Number);
  if (more.length > 0 || counted !== count || lowest !== least || highest !== greatest) return `it says ${left.value}`;
  return Math.abs((mean ?? 0) - sum / count) < 1e-9 * Math.max(1, Math.abs(sum)) ? undefined : `the mean is ${mean}`;
}

export const windows: PropertyArea = { 'only windows leave of a key that is aggregated': leavesWindowsAlone };
