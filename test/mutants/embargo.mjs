/** One check of the embargo rules removed at a time; the form is the one of `domain.mjs`. */
const of = (file, spec) => (code, text, replacement) => ({
  code,
  file: `libs/domain/src/embargo/${file}`,
  text,
  replacement,
  spec: `libs/domain/src/embargo/${spec}`,
});
const embargo = of('check.ts', 'check.spec.ts');
const ofPlace = of('judge-place.ts', 'check.spec.ts');
const ofParty = of('judge-party.ts', 'check.spec.ts');
const ofName = of('match-name.ts', 'match-name.spec.ts');
const ofNear = of('near-texts.ts', 'match-name.spec.ts');
const ofRecords = of('records.ts', 'records.spec.ts');
const ofImport = of('accept-import.ts', 'accept-import.spec.ts');

export const EMBARGO = [
  embargo('embargo_unknown', "...(issuers.length === 0 ? ['whose lists apply'] : []),", ''),
  embargo('embargo_unknown', "...(parties.length === 0 ? ['a party'] : []),", ''),
  embargo('embargo_unknown', "...(places.length === 0 ? ['a place'] : []),", ''),
  embargo('embargo_unknown', "...(items.length === 0 ? ['an item'] : []),", ''),
  embargo('embargo_unknown', 'NEEDED.filter((kind) => !has(kind, issuer))', 'NEEDED.filter(() => false)'),
  embargo('embargo_unknown', '...deciding.flatMap((list) => ageFault(lists, list, now)),', ''),
  embargo('embargo_unknown', 'Math.max(issuedAt, fetchedAt) > now + LIST_SKEW', 'issuedAt > now + LIST_SKEW'),
  embargo('embargo_unknown', 'now - issuedAt < most * 1000', 'now - fetchedAt < most * 1000'),
  embargo('embargo_blocked', '...judgePlaces(lists, issuer, question, now),', ''),
  embargo('embargo_blocked', '...judgeParties({ lists, issuer, question, records, now }),', ''),
  embargo('embargo_blocked', '...judgeItems(lists, issuer, question, now),', ''),
  embargo('embargo_blocked', '[...new Set([...agreed, ...recorded])]', '[...new Set(agreed)]'),
  ofPlace('embargo_unknown', '...(fault ? [unknown(fault)] : []),', ''),
  ofPlace('embargo_unknown', '...partlyHits(lists, issuer, located, where),', ''),
  ofPlace(
    'embargo_unknown',
    'if (subdivisions.length > 0 && open.length === 0) return [];',
    'if (subdivisions.length > 0) return [];',
  ),
  ofPlace(
    'embargo_blocked',
    'for (const { plain: named, code } of placeNames) if (plain.includes(named)) found.add(code);',
    '',
  ),
  ofPlace('embargo_blocked', 'if (country === of && pattern.test(text)) found.add(code);', ';'),
  ofPlace('embargo_blocked', 'holdsAt(rule, now) &&', ''),
  ofParty('embargo_blocked', 'return owned && shares.length > 0 ?', 'return false ?'),
  ofParty('embargo_unknown', 'if (party.owners === null) return', 'if (false) return'),
  ofParty(
    'embargo_unknown',
    "if (known.length === 0) return [hit(code, 'cannot_decide', `nobody knows the programme ${code}`)];",
    '',
  ),
  ofParty('embargo_blocked', 'if (live.length === 0) return', 'if (false) return'),
  ofParty('embargo_blocked', ' && !weak', ''),
  ofName('embargo_blocked', 'if (rest >= needed) walk(alike, leastKey);', ''),
  ofName('embargo_blocked', 'walk(within, -SLACK);', ''),
  ofName('embargo_blocked', 'if (key < -SLACK) break;', 'if (key < weights[0]) break;'),
  ofName('embargo_blocked', 'posted.sort((a, b) => b.key - a.key);', ''),
  ofName('embargo_blocked', 'if (!likeness.has(near)) likeness.set(near, ONE_LETTER);', ';'),
  ofName('embargo_blocked', '(known.score === score && !known.weak)', 'known.score === score'),
  ofNear('embargo_blocked', 'if (at === 0 || change !== 0) visit(hash);', 'if (change !== 0) visit(hash);'),
  ofNear('embargo_blocked', '|| sameSpan(short, from + 1, long, from, to - from)', ''),
  ofRecords('embargo_blocked', 'about.version === subject.version &&', ''),
  ofRecords('embargo_blocked', 'about.name === subject.name,', 'true,'),
  ofRecords('embargo_blocked', 'about.organisation === subject.organisation &&', ''),
  ofRecords(
    'embargo_blocked',
    "if (hit.outcome !== 'blocked' && hit.outcome !== 'licence_required') return undefined;",
    '',
  ),
  ofRecords('embargo_blocked', '(revokedAt === null || now < revokedAt) &&', ''),
  ofRecords('embargo_blocked', 'holdsAt(authorisation.validity, now) &&', ''),
  ofRecords('embargo_blocked', 'authorisation.issuer === hit.issuer &&', ''),
  ofRecords('embargo_blocked', 'scope.rules.includes(hit.rule) &&', ''),
  ofRecords(
    'embargo_blocked',
    '(scope.contractsBefore === null || question.contractFrom < scope.contractsBefore)',
    'true',
  ),
  ofImport('embargo_list_empty', "if ((sizes[0] ?? 0) === 0) return refuse('embargo_list_empty');", ''),
  ofImport('embargo_list_older', 'if (before && next.provenance.issuedAt < before.provenance.issuedAt)', 'if (false)'),
  ofImport('embargo_list_shrunk', '(cut || gone) &&', 'gone &&'),
  ofImport('embargo_list_shrunk', '(cut || gone) &&', 'cut &&'),
  ofImport('embargo_list_shrunk', 'announced !== change.removed.length', 'announced === null'),
];
