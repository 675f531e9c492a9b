// The life of one grant, told as a list of what happened, and read by somebody who knows the contract and none of the code.

/** Two approvers, one who stands in for the second now and then, and a guest whose yes is nothing. */
export type Person = 'technician' | 'colleague' | 'first-approver' | 'second-approver' | 'stand-in' | 'guest';
export type Company = 'vendor' | 'buyer';

export type Happening =
  | {
      readonly what: 'yes';
      readonly to: 'grant' | 'delegation';
      readonly who: Person;
      readonly inPlaceOfSecond: boolean;
    }
  | { readonly what: 'no' }
  | { readonly what: 'handed on'; readonly from: number; readonly to: number }
  | { readonly what: 'revoked'; readonly by: Company; readonly thing: 'grant' | 'delegation' | Person }
  | { readonly what: 'struck'; readonly by: Company; readonly who: Person }
  | { readonly what: 'suspended'; readonly by: Company; readonly name: string }
  | { readonly what: 'resumed'; readonly by: readonly Company[]; readonly name: string };

export interface Contract {
  readonly from: number;
  readonly to: number;
}

/** Two seats: the first approver's own, and the second's, filled by himself or by who stands in for him. */
function isApproved(yes: readonly Extract<Happening, { what: 'yes' }>[]): boolean {
  const first = yes.some(({ who }) => who === 'first-approver');
  const second = yes.some(
    ({ who, inPlaceOfSecond }) => who === 'second-approver' || (who === 'stand-in' && inPlaceOfSecond),
  );
  return first && second;
}

/** Whom a yes stands and falls with. */
const givers = (yes: readonly Extract<Happening, { what: 'yes' }>[]): readonly Person[] =>
  yes.flatMap(({ who, inPlaceOfSecond }): Person[] =>
    who === 'stand-in' && inPlaceOfSecond ? [who, 'second-approver'] : [who],
  );

/** What the grant came to: while it is asked for it collects; a no ends it, and whatever takes it away does. */
function readGrant(history: readonly Happening[]) {
  const yes: Extract<Happening, { what: 'yes' }>[] = [];
  let state: 'asked' | 'stands' | 'over' = 'asked';
  for (const one of history) {
    if (state === 'over') break;
    if (one.what === 'no' || (one.what === 'revoked' && one.thing === 'grant')) state = 'over';
    const isFirst = !yes.some((before) => one.what === 'yes' && before.who === one.who);
    if (one.what === 'yes' && one.to === 'grant' && state === 'asked' && isFirst) {
      yes.push(one);
      if (isApproved(yes)) state = 'stands';
    }
  }
  return { state, yes };
}

/** Whether this person may use the machine at this time, after all of this. */
export function mayAct(
  history: readonly Happening[],
  who: 'technician' | 'colleague',
  now: number,
  grant: Contract,
): boolean {
  const { state, yes } = readGrant(history);
  if (state !== 'stands' || now < grant.from || now >= grant.to) return false;
  const resting = new Set<Person>(['technician', ...givers(yes)]);
  if (who === 'colleague') {
    const handed = history.find((one) => one.what === 'handed on');
    if (!handed || handed.from < grant.from || handed.to > grant.to || handed.from >= handed.to) return false;
    if (now < handed.from || now >= handed.to) return false;
    const begun = history.indexOf(handed);
    const more = history
      .slice(begun)
      .filter((one): one is Extract<Happening, { what: 'yes' }> => one.what === 'yes' && one.to === 'delegation');
    const firsts = more.filter((one, at) => more.findIndex((other) => other.who === one.who) === at);
    if (!isApproved(firsts)) return false;
    for (const one of ['colleague', ...givers(firsts)] as const) resting.add(one);
    if (history.some((one) => one.what === 'revoked' && one.thing === 'delegation')) return false;
  }
  const ownCompany = (person: Person): Company =>
    person === 'technician' || person === 'colleague' ? 'vendor' : 'buyer';
  const isGone = (person: Person) =>
    history.some((one) => one.what === 'revoked' && one.thing === person && one.by === ownCompany(person));
  if ([...resting].some(isGone)) return false;
  // The pool is the vendor's, and has only its two people.
  const acting = who === 'colleague' ? ['technician', 'colleague'] : ['technician'];
  if (history.some((one) => one.what === 'struck' && one.by === 'vendor' && acting.includes(one.who))) return false;
  return history
    .filter((one) => one.what === 'suspended')
    .every(({ name }) =>
      history.some(
        (one) => one.what === 'resumed' && one.name === name && one.by.includes('vendor') && one.by.includes('buyer'),
      ),
    );
}
