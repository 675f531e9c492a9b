import type { Instant } from '../instant.js';
import type { ItemRule } from './lists.js';
import type { EmbargoHit } from './outcome.js';
import type { PreparedLists } from './prepare-lists.js';
import type { EmbargoQuestion, ItemFacts } from './question.js';
import { holdsAt } from './records.js';

/** Everything one issuer's item lists say: by classification, place of use and end use. Unclassified is not free. */
export function judgeItems(
  lists: PreparedLists,
  issuer: string,
  question: EmbargoQuestion,
  now: Instant,
): readonly EmbargoHit[] {
  const rules = (lists.items.get(issuer) ?? [])
    .flatMap(({ list }) => list.rules)
    .filter(
      (rule) =>
        holdsAt(rule, now) &&
        (rule.acts === null || rule.acts.includes(question.act)) &&
        (rule.places === null || rule.places.some((code) => reaches(code, question))),
    );
  return question.items.flatMap((item) => rules.flatMap((rule) => judgeItem(issuer, rule, item)));
}

/** A place without a country could be the one that the rule names. */
const reaches = (code: string, { places }: EmbargoQuestion): boolean =>
  places.some(({ country, subdivision }) => country === null || country === code || subdivision === code);

function judgeItem(issuer: string, rule: ItemRule, { resource, classification, endUse }: ItemFacts): EmbargoHit[] {
  const item = `${resource.owner}/${resource.id}`;
  const unknown = (because: string): EmbargoHit[] => [{ issuer, rule: rule.id, outcome: 'cannot_decide', because }];
  if (classification === null) return unknown(`${item} is not classified`);
  const listed = classification.find((one) => rule.codes.some((code) => one.toLowerCase().startsWith(code)));
  if (listed === undefined) return [];
  if (rule.endUse !== null && endUse === null) return unknown(`the end use of ${item} is not recorded`);
  if (rule.endUse !== null && endUse !== rule.endUse) return [];
  return [{ issuer, rule: rule.id, outcome: rule.outcome, because: `${item} is ${listed}: ${rule.law}` }];
}
