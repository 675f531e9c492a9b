/** Checks of acts by which one side takes a part of an agreement away, each removed at a time. */
import { ofDomain as of } from './of-folder.mjs';

const narrowing = of('act/narrowing.ts', 'act/narrowing.spec.ts');
const narrower = of('act/narrowing.ts', 'act/narrower-parts.spec.ts');
const narrows = of('decide.ts', 'act/narrowing.spec.ts');
const lifted = of('act/standing.ts', 'act/narrowing.spec.ts');

const together = of('term/data-collection.ts', 'term/order.spec.ts');

export const NARROWING = [
  together('wider', " && role === 'third-party'", ''),
  together('wider', 'one.product === product && ', ''),
  together('wider', "termsOfType(version, 'transfer').some(", '[].some('),
  together('wider', ' && one.keys.some(({ secret }) => secret !== undefined)', ' && false'),
  of('act/take-away.ts', 'act/take-away.spec.ts')(
    'not_narrower',
    'filter(({ part, name }) => !isThere(agreement, terms, part, name))',
    'filter(() => false)',
  ),
  narrower('not_narrower', 'if (missing) return missing;', ''),
  narrower('not_narrower', 'if (twice) return twice;', ''),
  narrower('not_narrower', "if (changes.length === 0) return 'nothing';", ''),
  narrower('not_narrower', 'return wider?.at ?? ', 'return '),
  narrower('not_narrower', 'incoherent?.(term, agreement))?.type', 'incoherent?.(term, agreement) && false)?.type'),
  narrower('not_narrower', ' ?? changes.find(({ at }) => !countsHere(at))', ''),
  narrowing('narrowed', 'part.actions.some((action) => bringsFiles(left, grant.kind, action))', 'false'),
  narrowing('narrowed', 'act.narrows?.version === version &&', 'true &&'),
  narrowing('narrowed', 'act.agreementId === agreement.id &&', 'true &&'),
  narrowing('narrowed', 'agreement.parties.some((party) => party.organisation === act.organisation),', 'true,'),
  narrowing('narrowed', 'if (liftedBy(held, acts, agreement)) return [];', ''),
  narrowing('narrowed', 'delegations.length <= term.depth &&', 'true &&'),
  narrowing('narrowed', 'same(seats(left), seats(agreement)) &&', 'true &&'),
  narrowing('narrowed', 'term.delegates.includes(side) && ', ''),
  narrower('narrowed', 'if (known.length < candidates.length) return undefined;', ''),
  narrower('narrowed', 'known.every((other) => same(other, term) || isNarrower(other, term))', 'known.length > 0'),
  narrower('narrowed', 'withoutTimes(withNarrowing(agreement, act.narrows))', 'withNarrowing(agreement, act.narrows)'),
  narrows('narrowed', 'if (tooOften)', 'if (tooOften && false)'),
  narrows('narrowed', "if (fault) return refuse('narrowed', { clause: fault.clause, detail: held.digest });", ''),
  narrows(
    'machine_moved',
    'const under = annexFault(chain, agreement,',
    'const under = annexFault(chain, chain.agreement,',
  ),
  narrows('embargo_unknown', 'verdictFault(chain, all,', 'verdictFault(chain, [agreement],'),
  narrows('outside_hours', 'withinHours(version, ', 'withinHours(versions[0] as Agreement, '),
  lifted('narrowed', "held.act.verb !== 'suspend' && held.act.verb !== 'narrow'", "held.act.verb !== 'suspend'"),
];
