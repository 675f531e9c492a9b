import type { Instant } from '../instant.js';
import type { OwnershipRule } from './lists.js';
import { matchName } from './match-name.js';
import { measureSays } from './measures.js';
import { normaliseName } from './normalise-name.js';
import { type EmbargoHit, type ReviewSubject, strictest } from './outcome.js';
import { type IndexedEntry, identifierKey, type PreparedLists } from './prepare-lists.js';
import type { EmbargoQuestion, Identifier, Owner, PartyFacts } from './question.js';
import { type EmbargoRecords, holdsAt, rulingOn } from './records.js';

interface Asked {
  readonly lists: PreparedLists;
  readonly issuer: string;
  readonly question: EmbargoQuestion;
  readonly records: EmbargoRecords;
  readonly now: Instant;
}

/** Owners of owners are followed this far; who hides behind more is not known. */
const DEEPEST = 8;

/** Everything one issuer's lists say about the parties of a question and about who owns them. */
export function judgeParties(asked: Asked): readonly EmbargoHit[] {
  return asked.question.parties.flatMap((party) => [
    ...judgeName(asked, party, party.organisation),
    ...judgeOwners(asked, party),
  ]);
}

interface Named {
  readonly name: string;
  readonly identifiers: readonly Identifier[];
}

/** Identifiers first: they are the party. Names second, with a score. */
function judgeName(asked: Asked, party: Named, organisation: PartyFacts['organisation']): EmbargoHit[] {
  const { lists, issuer } = asked;
  const index = lists.parties.get(issuer);
  const thresholds = lists.policy?.names;
  if (!index || !thresholds) return [];
  const found = new Map<IndexedEntry, { score: number; weak: boolean }>();
  for (const key of party.identifiers.map(identifierKey))
    for (const one of index.identifiers.get(key) ?? []) found.set(one, { score: 1, weak: one.delisted });
  const name = normaliseName(party.name);
  if (!name) {
    const because = `nothing here can compare the name of ${organisation ?? 'a party'}`;
    return [{ issuer, rule: 'name', outcome: 'cannot_decide', because, party: party.name }];
  }
  for (const { of, score, weak } of matchName(index.names, name, thresholds.review))
    if (!found.has(of)) found.set(of, { score, weak });
  return [...found].flatMap(([one, { score, weak }]) =>
    judgeEntry(asked, one, subjectOf(one, organisation, party.name, score), score >= thresholds.match && !weak),
  );
}

const subjectOf = (
  { list, entry }: IndexedEntry,
  organisation: PartyFacts['organisation'],
  name: string,
  score: number,
): ReviewSubject => ({
  list: list.list.issuer,
  entry: entry.id,
  version: entry.version,
  organisation,
  name,
  score: Math.round(score * 1000) / 1000,
});

function judgeEntry(asked: Asked, one: IndexedEntry, subject: ReviewSubject, certain: boolean): EmbargoHit[] {
  const { issuer, records, now } = asked;
  const { entry, delisted } = one;
  if (!delisted && !holdsAt(entry, now)) return [];
  const ruling = rulingOn(subject, records.rulings, now);
  if (ruling?.says === 'not-a-match') return [];
  const base = { issuer, rule: `entry:${entry.id}`, party: subject.name, entry: subject };
  if (delisted)
    return [{ ...base, outcome: 'review', because: `${entry.id} left the list, and nobody has ruled on it yet` }];
  if (!certain && ruling?.says !== 'match')
    return [{ ...base, outcome: 'review', because: `its name is near that of ${entry.id} (${subject.score})` }];
  return listedHits(asked, one, subject);
}

/** Listed is not blocked: each programme of the entry says by its measures what it means for this act. */
function listedHits({ lists, issuer, question }: Asked, { entry }: IndexedEntry, subject: ReviewSubject): EmbargoHit[] {
  const hit = (rule: string, outcome: EmbargoHit['outcome'], because: string): EmbargoHit => ({
    issuer,
    rule,
    outcome,
    because: `listed as ${entry.id}: ${because}`,
    party: subject.name,
    entry: subject,
  });
  const said = entry.programmes.flatMap((code) => {
    const known = lists.programmes.get(code) ?? [];
    if (known.length === 0) return [hit(code, 'cannot_decide', `nobody knows the programme ${code}`)];
    const live = known.filter(({ status }) => status !== 'ended');
    // Still listed under what has ended: the list or the programme is old, and neither is an answer.
    if (live.length === 0) return [hit(code, 'review', `the programme ${code} has ended, the entry has not`)];
    return live.flatMap(({ key, measures }) => {
      if (measures.length === 0) return [hit(key, 'cannot_decide', `nobody knows the measures of ${key}`)];
      return measures.map((measure) => hit(key, measureSays(measure, question) ?? 'cannot_decide', measure));
    });
  });
  return said.length > 0 ? said : [hit(`entry:${entry.id}`, 'cannot_decide', 'no programme is named')];
}

function judgeOwners(asked: Asked, party: PartyFacts): EmbargoHit[] {
  const { lists, issuer, now } = asked;
  const rules = (lists.policy?.ownership ?? []).filter((rule) => rule.issuer === issuer && holdsAt(rule, now));
  return rules.flatMap((rule): EmbargoHit[] => {
    const because = (text: string) => ({ issuer, rule: 'ownership', because: text, party: party.name });
    if (party.owners === null) return [{ ...because('its owners are not recorded'), outcome: 'cannot_decide' }];
    const owned = ownedByListed(asked, rule, party.owners, 1);
    return owned === 'clear' ? [] : [{ ...because('who owns or controls it is listed'), outcome: owned }];
  });
}

/** Direct and indirect: who is owned so far by the listed that the rule calls him listed too, counts as a listed owner of the next. */
function ownedByListed(
  asked: Asked,
  rule: OwnershipRule,
  owners: readonly Owner[],
  depth: number,
): 'clear' | 'review' | 'cannot_decide' | 'blocked' {
  const shares: number[] = [];
  let doubt: 'clear' | 'review' | 'cannot_decide' = 'clear';
  for (const owner of owners) {
    const says = ownerSays(asked, rule, owner, depth);
    if (says === 'clear') continue;
    if (says !== 'blocked') {
      doubt = strictest([doubt, says]) as typeof doubt;
      continue;
    }
    if (owner.control && rule.control) return 'blocked';
    if (owner.share === null) doubt = 'cannot_decide';
    else shares.push(owner.share);
  }
  const counted = rule.aggregate ? shares.reduce((sum, share) => sum + share, 0) : Math.max(0, ...shares);
  const owned = rule.comparison === 'at-least' ? counted >= rule.percent : counted > rule.percent;
  return owned && shares.length > 0 ? 'blocked' : doubt;
}

function ownerSays(asked: Asked, rule: OwnershipRule, owner: Owner, depth: number) {
  if (depth > DEEPEST) return 'cannot_decide';
  const own = strictest(judgeName(asked, owner, null).map((hit) => hit.outcome));
  if (own === 'blocked' || own === 'licence_required') return 'blocked';
  const above = owner.owners === null ? 'clear' : ownedByListed(asked, rule, owner.owners, depth + 1);
  if (above === 'blocked') return 'blocked';
  return strictest([own === 'permitted_under' ? 'clear' : own, above]) as 'clear' | 'review' | 'cannot_decide';
}
