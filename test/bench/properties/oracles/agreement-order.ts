// Says by trying it out whether one version of an agreement allows anything that another does not. It knows the words of trust model section 5 and the
// shape of the document, and nothing of the project's code.

import { handedOn, keysApart, loggedIn, mayHold, papersHold, productOf, secretsKept } from './agreement-holders.js';
import { type Attempt, type Json, list, type Members, type Version } from './agreement-words.js';

/** Whether the persons can fill the seats, found by trying every order. */
function staffed(rules: readonly Members[], persons: readonly (readonly string[])[]): boolean {
  const seats = rules.flatMap((rule) => Array<string>(rule.persons as number).fill(rule.group as string));
  const [first, ...rest] = seats;
  if (first === undefined) return true;
  const shorter = (): Members[] => rest.map((group) => ({ group, persons: 1 }));
  return persons.some(
    (groups, at) =>
      groups.includes(first) &&
      staffed(
        shorter(),
        persons.filter((_one, nth) => nth !== at),
      ),
  );
}

function verdictsClear(version: Version, attempt: Attempt): boolean {
  return version.terms.every((term) => {
    const party = term.party as string;
    if (term.type === 'embargo') {
      const asked = list(term.issuers);
      const said = attempt.cleared[party];
      return (
        asked.length === 0 ||
        (said !== undefined &&
          said.age < (term.maxAgeSeconds as number) &&
          asked.every((one) => said.issuers.includes(one)))
      );
    }
    if (term.type === 'signal') {
      const named = (term.resources ?? []) as readonly Members[];
      const reached =
        party === attempt.owner &&
        list(term.kinds).includes(attempt.kind) &&
        (named.length === 0 || named.some((one) => one.owner === attempt.owner && one.id === attempt.resource));
      const age = attempt.said[party];
      const serves = term.releases === undefined || list(term.releases).includes(attempt.program);
      return !reached || (age !== undefined && age < (term.maxAgeSeconds as number) && serves);
    }
    if (term.type !== 'decision-point' || term.present === false) return true;
    const age = attempt.decided[party];
    return age !== undefined && age < (term.maxAgeSeconds as number);
  });
}

const conditionsHold = (term: Members, attempt: Attempt): boolean =>
  list(term.purposes).includes(attempt.purpose) &&
  attempt.lengthSeconds <= (term.longestWindowSeconds as number) &&
  staffed(term.approvals as readonly Members[], attempt.approvers);

function shownBy(keys: readonly Members[], key: string): readonly string[] {
  const entry = keys.find((one) => one.key === key);
  if (!entry || entry.action === 'drop') return [];
  const said = `${entry.category} ${entry.unit} ${entry.semanticId ?? ''}`;
  const coarse = `step of ${entry.step} ${said}`;
  if (entry.action === 'hash' || entry.action === 'pseudonymise') return [`${entry.action} ${said}`];
  if (entry.action === 'coarsen') return [coarse];
  if (entry.action === 'aggregate') return [`windows of ${entry.step} ${said}`];
  // Who sees the value can hash it, round it to any step, and take the mean of any window.
  const wide = [5, 10].flatMap((step) => [`step of ${step} ${said}`, `windows of ${step} ${said}`]);
  return [`all ${said}`, `hash ${said}`, `pseudonymise ${said}`, ...wide];
}

/** What the machine is to this version: by its name, or else by where its owner recorded it. */
function resourceOf(version: Version, attempt: Attempt): { class: Json; services: readonly string[] } | undefined {
  const named = version.resources.find((one) => one.owner === attempt.owner && one.id === attempt.resource);
  if (named || !attempt.recorded) return named;
  const { site, zone } = attempt.recorded;
  const chosen = version.terms.find(
    (one) => one.type === 'selector' && one.owner === attempt.owner && one.site === site && one.zone === zone,
  );
  return chosen && { class: chosen.class ?? null, services: list(chosen.services) };
}

/** Whether it is begun early enough, approved lately enough and worked on short enough. */
const inTime = (version: Version, attempt: Attempt): boolean =>
  version.terms
    .filter((one) => one.type === 'time-limits' && one.kind === attempt.kind)
    .every(
      (one) =>
        attempt.bookedSeconds <= (one.bookingSeconds as number) &&
        attempt.approvedSecondsAgo < (one.approvalSeconds as number) &&
        attempt.workedSeconds < (one.workingSeconds as number),
    );

/** Bounds that hold for the whole of a version: hours, sessions, logins, clocks, files, approvals of a class. */
function inBounds(version: Version, attempt: Attempt, cls: Json): boolean {
  const open = version.terms.find((one) => one.type === 'hours' && one.kind === attempt.kind);
  const spans = (open?.open ?? []) as readonly Members[];
  const isOpen = spans.some((one) => {
    return one.day === attempt.day && (one.from as string) <= attempt.time && attempt.time < (one.to as string);
  });
  if (open && !isOpen) return false;
  const bound = version.terms.find((one) => one.type === 'sessions' && one.kind === attempt.kind);
  if (bound && attempt.open >= (bound.most as number)) return false;
  const login = version.terms.find((one) => one.type === 're-login');
  if (login && attempt.kind === 'remote-service' && attempt.loginAge >= (login.seconds as number)) return false;
  if (login?.acr && attempt.kind === 'remote-service' && !list(login.acr).includes(attempt.acr)) return false;
  const clock = version.terms.find((one) => one.type === 'clock-skew');
  if (attempt.ahead > (clock ? (clock.seconds as number) : 60)) return false;
  const files = version.terms.find((one) => one.type === 'file-transfer');
  if (files && attempt.kind !== 'data-collection' && !list(files.services).includes(attempt.action)) return false;
  const demanded = version.terms.find((one) => one.type === 'resource-class' && one.class === cls);
  return !demanded || attempt.approvers.length >= (demanded.approvals as number);
}

export function permits(version: Version, attempt: Attempt): boolean {
  const resource = resourceOf(version, attempt);
  if (!resource || !verdictsClear(version, attempt) || !inBounds(version, attempt, resource.class)) return false;
  if (
    !keysApart(version, attempt) ||
    !papersHold(version, attempt) ||
    !mayHold(version, attempt) ||
    !loggedIn(version, attempt) ||
    !handedOn(version, attempt, resource.class)
  )
    return false;
  if (attempt.kind === 'data-collection') return flows(version, attempt);
  const term = version.terms.find((one) => one.type === attempt.kind);
  if (!term || !resource.services.includes(attempt.action)) return false;
  const { ticketPattern } = term;
  const fits =
    ticketPattern === null ||
    (attempt.ticket !== null && new RegExp(`^(?:${ticketPattern as string})$`, 'u').test(attempt.ticket));
  return fits && conditionsHold(term, attempt) && inTime(version, attempt);
}

function flows(version: Version, attempt: Attempt): boolean {
  const term = productOf(version, attempt);
  const place = version.terms.find((one) => {
    const of = one.resource as Members | undefined;
    return one.type === 'transfer' && one.product === attempt.action && of?.id === attempt.resource;
  });
  const region = version.terms.find((one) => one.type === 'region' && one.region === attempt.region);
  if (!term || !region || !conditionsHold(term, attempt)) return false;
  const land = region.jurisdiction as string;
  if (place && !(list(place.storage).includes(land) && list(place.transit).includes(land))) return false;
  // One batch is sealed to all of them, so one who may not have it keeps it from all.
  const recipients = list(term.recipients);
  const opens = (one: string) => one === attempt.owner || list(place?.access).includes(attempt.countries[one] ?? '');
  if (place && !recipients.every(opens)) return false;
  const { label } = attempt;
  return (
    list(term.regions).includes(attempt.region) &&
    list(region.endpointKeys).includes(attempt.endpoint) &&
    recipients.includes(attempt.recipient) &&
    (label === undefined || list(term.labels).includes(label)) &&
    secretsKept(version, attempt, recipients) &&
    shownBy(term.keys as readonly Members[], attempt.key).includes(attempt.shown)
  );
}
