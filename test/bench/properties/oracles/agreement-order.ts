// Says by trying it out whether one version of an agreement allows anything that another does not, or owes less. It knows the words of trust model
// section 5 and the shape of the document, and nothing of the project's code.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
export interface Version {
  readonly house: boolean;
  readonly parties: readonly Json[];
  readonly resources: readonly {
    readonly owner: string;
    readonly id: string;
    readonly class: string;
    readonly services: readonly string[];
  }[];
  readonly terms: readonly ({ readonly type: string } & { readonly [member: string]: Json })[];
  readonly effectiveFrom: number;
  readonly endsAt: number;
}

/** One use that somebody may attempt, with everything around it. */
export interface Attempt {
  readonly kind: 'remote-service' | 'machine-to-machine' | 'data-collection';
  readonly owner: string;
  readonly resource: string;
  /** Where its owner recorded it. */
  readonly recorded: { readonly site: string; readonly zone: string } | undefined;
  readonly action: string;
  /** Sessions of the same grant that are open, seconds since the login, and seconds by which the other side's clock is ahead. */
  readonly open: number;
  readonly loginAge: number;
  readonly ahead: number;
  /** By the clock of the plant. */
  readonly day: string;
  readonly time: string;
  readonly purpose: string;
  readonly ticket: string | null;
  readonly lengthSeconds: number;
  readonly bookedSeconds: number;
  readonly approvedSecondsAgo: number;
  readonly workedSeconds: number;
  /** The groups of each person who approved. */
  readonly approvers: readonly (readonly string[])[];
  /** By party: the issuers it asked and how many seconds ago, or undefined where it said nothing. */
  readonly cleared: Readonly<Record<string, { readonly issuers: readonly string[]; readonly age: number } | undefined>>;
  readonly decided: Readonly<Record<string, number | undefined>>;
  /** By party: how many seconds ago it said that somebody is present at the machine. */
  readonly said: Readonly<Record<string, number | undefined>>;
  readonly region: string;
  readonly endpoint: string;
  readonly recipient: string;
  /** Its country. */
  readonly from: string;
  readonly key: string;
  /** How much of the key's value is shown: all of it, its hash, a step of this width. */
  readonly shown: string;
}

type Members = Readonly<Record<string, Json>>;
const list = (value: Json | undefined): readonly string[] => (value ?? []) as readonly string[];

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
      return !reached || (age !== undefined && age < (term.maxAgeSeconds as number));
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
  const said = `${entry.category} ${entry.unit}`;
  const coarse = `step of ${entry.step} ${said}`;
  if (entry.action === 'hash') return [`hash ${said}`];
  if (entry.action === 'coarsen') return [coarse];
  // Who sees the value can hash it, and can round it to any step.
  return [`all ${said}`, `hash ${said}`, `step of 5 ${said}`, `step of 10 ${said}`];
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

export function permits(version: Version, attempt: Attempt): boolean {
  const resource = resourceOf(version, attempt);
  if (!resource || !verdictsClear(version, attempt)) return false;
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
  const clock = version.terms.find((one) => one.type === 'clock-skew');
  if (attempt.ahead > (clock ? (clock.seconds as number) : 60)) return false;
  const files = version.terms.find((one) => one.type === 'file-transfer');
  if (files && attempt.kind !== 'data-collection' && !list(files.services).includes(attempt.action)) return false;
  const demanded = version.terms.find((one) => one.type === 'resource-class' && one.class === resource.class);
  if (demanded && attempt.approvers.length < (demanded.approvals as number)) return false;
  if (attempt.kind !== 'data-collection') {
    const term = version.terms.find((one) => one.type === attempt.kind);
    if (!term || !resource.services.includes(attempt.action)) return false;
    const { ticketPattern } = term;
    const fits =
      ticketPattern === null ||
      (attempt.ticket !== null && new RegExp(`^(?:${ticketPattern as string})$`, 'u').test(attempt.ticket));
    return fits && conditionsHold(term, attempt) && inTime(version, attempt);
  }
  const term = version.terms.find((one) => {
    const of = one.resource as Members | undefined;
    return (
      one.type === 'data-collection' &&
      one.product === attempt.action &&
      of?.owner === attempt.owner &&
      of.id === attempt.resource
    );
  });
  const place = version.terms.find((one) => {
    return one.type === 'transfer' && (one.resource as Members).id === attempt.resource;
  });
  const region = version.terms.find((one) => one.type === 'region' && one.region === attempt.region);
  if (!term || !region || !conditionsHold(term, attempt)) return false;
  const land = region.jurisdiction as string;
  const placed = place && list(place.storage).includes(land) && list(place.transit).includes(land);
  const opens = place && (attempt.recipient === attempt.owner || list(place.access).includes(attempt.from));
  if (place && !(placed && opens)) return false;
  return (
    list(term.regions).includes(attempt.region) &&
    list(region.endpointKeys).includes(attempt.endpoint) &&
    list(term.recipients).includes(attempt.recipient) &&
    shownBy(term.keys as readonly Members[], attempt.key).includes(attempt.shown)
  );
}

const place = (one: { readonly owner: string; readonly id: string }): string => `${one.owner}/${one.id}`;

/** Everything that is owed to somebody or always needs both, about the machines of the other version too, in one comparable text. */
function owed(version: Version, other: Version): string {
  const terms = version.terms.flatMap((term): Json[] => {
    if (term.type === 'offline' || term.type === 'evidence' || term.type === 'notice') return [term];
    if (term.type === 'resource-class') return [[term.class ?? null, term.mode ?? null]];
    if (term.type === 'region') return [[term.region ?? null, term.operator ?? null, term.jurisdiction ?? null]];
    if (term.type !== 'data-collection') return [];
    const tap = list(term.recipients).includes((term.resource as Members).owner as string);
    return [[term.product ?? null, term.resource ?? null, term.retentionSeconds ?? null, tap]];
  });
  const shared = version.resources.filter((one) => other.resources.some((two) => place(two) === place(one)));
  const own: Json = [version.house, version.parties, version.effectiveFrom, version.endsAt];
  const classes = shared.map((one) => `${place(one)} ${one.class}`);
  return JSON.stringify([own, terms.map((one) => JSON.stringify(one)).sort(), classes.sort()]);
}

/** Whether both versions owe the same. */
export const sameDuties = (before: Version, after: Version): boolean => owed(before, after) === owed(after, before);
