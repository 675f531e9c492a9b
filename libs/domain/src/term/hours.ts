import { minutesOf } from '../agreement/hours.js';
import type { Agreement, HoursOfDay, HoursTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';

const inside = (one: HoursOfDay, other: HoursOfDay): boolean =>
  one.day === other.day && other.from <= one.from && one.to <= other.to;

/** Without an offset from its beginning on, nobody could say what time it is at the plant. */
function unordered({ offsets, open }: HoursTerm, agreement: Agreement): boolean {
  const [first, ...rest] = offsets;
  if (!first || first.from > agreement.effectiveFrom) return true;
  if (rest.some((one, at) => one.from <= (offsets[at]?.from ?? 0))) return true;
  return open.some(({ from, to }) => minutesOf(from) >= minutesOf(to));
}

export const hours: TermDeclaration<HoursTerm> = {
  meaning: 'access of this kind is used at these times of the week only, by the clock of the plant',
  evaluator: 'agreement/hours',
  points: ['gateway', 'broker'],
  order: {
    kind: 'identity',
    zone: 'both',
    tzdata: 'both',
    offsets: 'both',
    open: {
      words: 'each of them inside one there was',
      holds: (before, after) => after.every((one) => before.some((other) => inside(one, other))),
    },
  },
  added: 'narrower',
  removed: 'wider',
  incoherent: unordered,
  words: (term) =>
    `${term.kind} only ${term.open.map(({ day, from, to }) => `${day} ${from}-${to}`).join(', ') || 'never'}, by the clock of ${term.zone} (${term.offsets.map(offsetWords).join('; ')}, as of zone database ${term.tzdata})`,
};

const offsetWords = ({ from, minutes }: HoursTerm['offsets'][number], at: number): string => {
  const size = Math.abs(minutes);
  const two = (number: number) => String(number).padStart(2, '0');
  const ahead = `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return at === 0 ? ahead : `${ahead} from ${new Date(from).toISOString()}`;
};
