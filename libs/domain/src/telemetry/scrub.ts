import { allow, type Decision, refuse } from '../decision.js';

/**
 * What must not leave inside a value that may leave.
 * `identifier`: a name known beforehand (user, machine, domain, licence). `named-field`: the value behind `Name =` in the `Name = value;`
 * lists that controls send about their computer, whoever is logged in today. `email`: any address.
 */
export type ScrubRule =
  | { readonly kind: 'identifier'; readonly text: string }
  | { readonly kind: 'named-field'; readonly name: string }
  | { readonly kind: 'email' };

export type ScrubRefusalCode = 'scrub_rule_too_short' | 'scrub_rule_too_long' | 'too_many_scrub_rules';

/** Removes what the rules name. `undefined`: something they name is still there in another spelling, so the value must not leave. */
export type Scrub = (text: string) => string | undefined;

const MARK = '***';
/** One printable ASCII word that is no field and no address: folding it is putting it in lower case. */
const PLAIN = /^[!-<>?A-~]*$/;
const EMAIL = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}/gu;
const MOST_RULES = 1_000;
const LONGEST = 200;
const SHORTEST = 3;
/** Short numbers are in every measurement; a rule for one would stop the flow, so it is refused when it is made. */
const SHORTEST_NUMBER = 6;

/** Compiles the rules once. Refuses a rule that would match everything or nothing, since both would be noticed too late. */
export function compileScrub(rules: readonly ScrubRule[]): Decision<Scrub, ScrubRefusalCode> {
  if (rules.length > MOST_RULES) return refuse('too_many_scrub_rules', { detail: `at most ${MOST_RULES}` });
  for (const rule of rules) {
    const fault = ruleFault(rule);
    if (fault) return refuse(fault);
  }
  const identifiers = rules.flatMap((rule) => (rule.kind === 'identifier' ? [rule.text] : []));
  const folded = identifiers.map(fold);
  const replacements = [
    ...rules.flatMap((rule) => (rule.kind === 'named-field' ? [namedField(rule.name)] : [])),
    ...(rules.some((rule) => rule.kind === 'email') ? [{ pattern: EMAIL, by: MARK }] : []),
    ...(identifiers.length > 0 ? [{ pattern: anyOf(identifiers), by: MARK }] : []),
  ];
  return allow((text) => {
    // Most values are numbers and words: what no rule can mean is not searched rule by rule.
    if (PLAIN.test(text)) {
      const lower = text.toLowerCase();
      if (!folded.some((identifier) => lower.includes(identifier))) return text;
    }
    const scrubbed = replacements.reduce((left, { pattern, by }) => left.replace(pattern, by), text);
    const spelled = fold(scrubbed);
    return folded.some((identifier) => spelled.includes(identifier)) ? undefined : scrubbed;
  });
}

function ruleFault(rule: ScrubRule): ScrubRefusalCode | undefined {
  if (rule.kind === 'email') return undefined;
  const text = rule.kind === 'identifier' ? fold(rule.text) : rule.name.trim();
  if (text.length > LONGEST) return 'scrub_rule_too_long';
  if (rule.kind === 'named-field') return text === '' ? 'scrub_rule_too_short' : undefined;
  return text.length < (/^[\d.]+$/.test(text) ? SHORTEST_NUMBER : SHORTEST) ? 'scrub_rule_too_short' : undefined;
}

/** Longest first, so that `operator-17` is not left as `***7` by a rule for `operator-1`. */
const anyOf = (identifiers: readonly string[]): RegExp =>
  new RegExp(
    [...identifiers]
      .sort((a, b) => b.length - a.length)
      .map(escapeRegExp)
      .join('|'),
    'giu',
  );

const namedField = (name: string): { pattern: RegExp; by: string } => ({
  pattern: new RegExp(`((?:^|;)[ \\t]*${escapeRegExp(name.trim())}[ \\t]*=)[^;]*`, 'giu'),
  by: `$1 ${MARK}`,
});

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/**
 * One spelling for what people read as the same name: case, width, accents, invisible characters and runs of blanks fall away.
 * It may join too much; it is only asked where too much means that a value stays at home.
 */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim();
