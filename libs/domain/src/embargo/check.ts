import type { Instant } from '../instant.js';
import { judgeItems } from './judge-item.js';
import { judgeParties } from './judge-party.js';
import { judgePlaces } from './judge-place.js';
import type { EmbargoList } from './lists.js';
import { type EmbargoDecision, type EmbargoHit, type Obligation, strictest } from './outcome.js';
import type { PreparedLists } from './prepare-lists.js';
import type { EmbargoQuestion } from './question.js';
import { type Authorisation, type EmbargoRecords, permitting } from './records.js';

/** Lists without which nobody answers for an issuer. Item lists are looked at where an issuer has them. */
const NEEDED = ['parties', 'territories'] as const;

/** How far ahead of this clock a list may be dated, in milliseconds. */
const LIST_SKEW = 60_000;

/**
 * One company's own answer to one question, for every issuer that applies: those the agreement names and those the policy records for
 * the parties. The strictest counts, and every hit is kept. What is missing, too old, from the future or not understood is never clear.
 */
export function checkEmbargo(
  lists: PreparedLists,
  agreed: readonly string[],
  question: EmbargoQuestion,
  records: EmbargoRecords,
  now: Instant,
): EmbargoDecision {
  const organisations = question.parties.map((party) => party.organisation);
  const recorded = (lists.policy?.issuerSets ?? [])
    .filter((set) => organisations.includes(set.organisation))
    .flatMap((set) => set.issuers);
  const issuers = [...new Set([...agreed, ...recorded])].sort();
  const deciding = relevant(lists, issuers);
  const missing = missingOf(lists, issuers, question, deciding, now);
  const under = new Map<string, Authorisation>();
  const hits = issuers
    .flatMap((issuer) => [
      ...judgePlaces(lists, issuer, question, now),
      ...judgeParties({ lists, issuer, question, records, now }),
      ...judgeItems(lists, issuer, question, now),
    ])
    .map((hit) => lift(hit, question, records, under, now));
  const unknown = hits.filter((hit) => hit.outcome === 'cannot_decide').map((hit) => `${hit.issuer}: ${hit.because}`);
  const all = [...missing, ...unknown];
  return {
    outcome: strictest([...hits.map((hit) => hit.outcome), ...(all.length > 0 ? (['cannot_decide'] as const) : [])]),
    hits,
    missing: all,
    obligations: [...under.values()].flatMap(obligationsOf),
    until: firstAfter(now, lists, deciding, records),
    issuers,
    lists: lists.digests,
    asOf: now,
  };
}

function lift(
  hit: EmbargoHit,
  question: EmbargoQuestion,
  { authorisations }: EmbargoRecords,
  under: Map<string, Authorisation>,
  now: Instant,
): EmbargoHit {
  const lifted = permitting(hit, question, authorisations, now);
  if (!lifted) return hit;
  under.set(lifted.number, lifted);
  return { ...hit, outcome: 'permitted_under', under: lifted.number };
}

const obligationsOf = ({ number, conditions, reporting }: Authorisation): readonly Obligation[] => [
  ...conditions.map((what) => ({ authorisation: number, what, withinDays: null })),
  ...reporting.map(({ what, withinDays }) => ({ authorisation: number, what, withinDays })),
];

function missingOf(
  lists: PreparedLists,
  issuers: readonly string[],
  { parties, places, items }: EmbargoQuestion,
  deciding: readonly EmbargoList[],
  now: Instant,
): string[] {
  const has = (kind: EmbargoList['kind'], issuer: string) =>
    lists.held.some(({ list }) => list.kind === kind && list.issuer === issuer);
  return [
    ...(issuers.length === 0 ? ['whose lists apply'] : []),
    ...(lists.policy ? [] : ['one policy']),
    ...(lists.countries.size > 0 ? [] : ['one list of countries']),
    ...(parties.length === 0 ? ['a party'] : []),
    ...(places.length === 0 ? ['a place'] : []),
    ...(items.length === 0 ? ['an item'] : []),
    ...issuers.flatMap((issuer) =>
      NEEDED.filter((kind) => !has(kind, issuer)).map((kind) => `a list of ${kind} by ${issuer}`),
    ),
    ...deciding.flatMap((list) => ageFault(lists, list, now)),
  ];
}

/** The lists that decide: those of the issuers that apply, and the ones that belong to nobody in particular. */
const relevant = (lists: PreparedLists, issuers: readonly string[]): readonly EmbargoList[] =>
  lists.held
    .map(({ list }) => list)
    .filter(
      (list) =>
        !(list.kind === 'parties' || list.kind === 'territories' || list.kind === 'items') ||
        issuers.includes(list.issuer),
    );

function ageFault(lists: PreparedLists, list: EmbargoList, now: Instant): string[] {
  const { issuedAt, fetchedAt } = list.provenance;
  const name = `${list.kind} of ${list.issuer}`;
  if (Math.max(issuedAt, fetchedAt) > now + LIST_SKEW) return [`${name}: dated in the future`];
  const most = lists.policy?.maxAgeSeconds[list.kind];
  // The issuer's own date counts: an old edition that was fetched today is old.
  return most !== undefined && now - issuedAt < most * 1000 ? [] : [`${name}: older than allowed`];
}

/** The next instant at which the same question may get another answer although nobody imports anything. */
function firstAfter(
  now: Instant,
  lists: PreparedLists,
  deciding: readonly EmbargoList[],
  { authorisations }: EmbargoRecords,
): Instant | null {
  let first = lists.boundaries[firstPlaceAfter(lists.boundaries, now)] ?? null;
  const offer = (at: Instant | null) => {
    if (at !== null && at > now && (first === null || at < first)) first = at;
  };
  for (const list of deciding) {
    const most = lists.policy?.maxAgeSeconds[list.kind];
    if (most !== undefined) offer(list.provenance.issuedAt + most * 1000);
  }
  for (const { recordedAt, authorisation } of authorisations) {
    // Only what was recorded by then: a decision made again later must not know of a later one.
    if (recordedAt > now) continue;
    offer(authorisation.validity.validFrom);
    offer(authorisation.validity.validTo);
  }
  return first;
}

/** Where in an ascending row the first one after `now` stands; its length where there is none. */
function firstPlaceAfter(ascending: readonly Instant[], now: Instant): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ascending[middle] as Instant) > now) to = middle;
    else from = middle + 1;
  }
  return from;
}
