// Who may hold what an agreement gives, and which papers it waits for. Like its neighbours it knows the words of the trust model and nothing of the project's code.

import { type Attempt, type Json, list, type Members, type Version } from './agreement-words.js';

const names = (value: Json | undefined, { owner, resource }: Attempt): boolean =>
  ((value ?? []) as readonly Members[]).some((one) => one.owner === owner && one.id === resource);

/** The clause of the product that is asked for. */
export const productOf = (version: Version, attempt: Attempt): Members | undefined =>
  version.terms.find((one) => {
    const of = one.resource as Members | undefined;
    return (
      one.type === 'data-collection' &&
      one.product === attempt.action &&
      of?.owner === attempt.owner &&
      of.id === attempt.resource
    );
  });

const isGuest = (version: Version, organisation: string): boolean =>
  version.parties.some((one) => {
    const { organisation: party, role } = one as Members;
    return party === organisation && role === 'third-party';
  });

const invited = (version: Version, attempt: Attempt, guest: string): boolean =>
  version.terms.some(
    (one) =>
      one.type === 'third-party' &&
      one.party === guest &&
      list(one.kinds).includes(attempt.kind) &&
      list(one.purposes).includes(attempt.purpose) &&
      list(one.actions).includes(attempt.action) &&
      names(one.resources, attempt) &&
      attempt.lengthSeconds <= (one.longestWindowSeconds as number),
  );

/** Everybody who comes to hold something by it was brought in for that, or is a side. */
export function mayHold(version: Version, attempt: Attempt): boolean {
  const receives = attempt.kind === 'data-collection' ? list(productOf(version, attempt)?.recipients) : [];
  return [attempt.holder, ...attempt.handed, ...receives].every(
    (one) => !isGuest(version, one) || invited(version, attempt, one),
  );
}

/** Only people hand on, no deeper than agreed, to whom it was agreed, and with a yes of the owner but for classes that need none. */
export function handedOn(version: Version, attempt: Attempt, cls: Json): boolean {
  if (attempt.handed.length === 0) return true;
  const term = version.terms.find((one) => one.type === 'delegation');
  if (!term || attempt.kind !== 'remote-service' || attempt.handed.length > (term.depth as number)) return false;
  if (!attempt.handed.every((one) => list(term.delegates).includes(one))) return false;
  return attempt.handedApproved || list(term.unapproved).includes(cls as string);
}

/** Whoever did not log in at the own company logged in at the owner, which may say so of exactly this person under exactly this name. */
export const loggedIn = (version: Version, { login, owner, holder, handed }: Attempt): boolean =>
  login === undefined ||
  (login.at === owner &&
    version.terms.some(
      (one) =>
        one.type === 'identity-provider' &&
        one.issuer === login.at &&
        one.party === (handed.at(-1) ?? holder) &&
        ((one.persons ?? []) as readonly Members[]).some(({ id, login: as }) => id === login.who && as === login.as),
    ));

/** One key for everything is believed where that was agreed for its party. */
export const keysApart = (version: Version, { oneKey }: Attempt): boolean =>
  oneKey === undefined ||
  version.terms.some((one) => one.type === 'custody' && one.party === oneKey && one.custody === 'single');

/** Records of machines, controls, an insolvency: what is not said is not there. */
export const papersHold = (version: Version, attempt: Attempt): boolean =>
  version.terms.every((term) => {
    if (term.type === 'machines') {
      const { recorded } = attempt;
      if (!names(term.resources, attempt)) return true;
      if (!recorded || !list(term.sites).includes(recorded.site) || !list(term.zones).includes(recorded.zone))
        return false;
      return recorded.supported || term.afterSupport === 'allow';
    }
    if (term.type === 'equivalence') {
      const all = ((term.resources ?? []) as readonly Json[]).length === 0;
      const depends = list(term.kinds).includes(attempt.kind) && (all || names(term.resources, attempt));
      return !depends || attempt.assured.includes(`${term.party} ${term.control}`);
    }
    if (term.type !== 'insolvency' || term.party !== attempt.insolvent) return true;
    if (attempt.owner === term.party) return false;
    const left = [attempt.holder, ...attempt.handed].every((one) => {
      const host = version.terms.find((other) => other.type === 'third-party' && other.party === one)?.broughtBy;
      return one !== term.party && (term.successor === null ? host !== term.party : one === term.successor);
    });
    return left && list(term.kinds).includes(attempt.kind) && names(term.resources, attempt);
  });

/** A mark holds for the key in every product of the machine: whoever receives the product is named by it and meets its control. */
export const secretsKept = (version: Version, attempt: Attempt, recipients: readonly string[]): boolean =>
  version.terms
    .filter((one) => one.type === 'data-collection' && (one.resource as Members).id === attempt.resource)
    .flatMap((one) => (one.keys ?? []) as readonly Members[])
    .filter((one) => one.key === attempt.key && one.secret)
    .map((one) => one.secret as Members)
    .every((mark) =>
      recipients.every(
        (one) =>
          one === attempt.owner ||
          (list(mark.recipients).includes(one) && attempt.assured.includes(`${one} ${mark.control}`)),
      ),
    );
