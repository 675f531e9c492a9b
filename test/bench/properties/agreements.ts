// Narrower and wider of two versions: the rule of the project against an oracle that tries uses out.

import { type Agreement, provablyNarrower } from '@interlock/domain';
import {
  accessOf,
  BUYER,
  boundOf,
  classOf,
  conditionOf,
  DAYS,
  dataOf,
  dutyOf,
  each,
  filesOf,
  GROUPS,
  hoursOf,
  limitsOf,
  MACHINES,
  type Mutable,
  PARTIES,
  regionOf,
  resourceOf,
  SERVICES,
  selectorOf,
  some,
  type Term,
  TICKETS,
  TIMES,
  transferOf,
  VENDOR,
  versionOf,
  ZONES,
} from './draw-agreement.js';
import { type Attempt, type Json, permits, sameDuties, type Version } from './oracles/agreement-order.js';
import type { PropertyArea, Random } from './property.js';

type Change = (version: Mutable, random: Random) => void;

const replaceTerm = (
  version: Mutable,
  random: Random,
  types: readonly string[],
  change: (term: Term) => Term | undefined,
) => {
  const found = version.terms.filter((term) => types.includes(term.type));
  if (found.length === 0) return;
  const chosen = random.pick(found);
  const other = change(chosen);
  version.terms = version.terms.flatMap((term) => (term === chosen ? (other ? [other] : []) : [term]));
};
const ACCESS = ['remote-service', 'machine-to-machine'];
const RIGHTS = [...ACCESS, 'data-collection'];
const fewer = (random: Random, all: readonly string[]): readonly string[] => {
  const without = random.pick(all);
  return all.length > 1 ? all.filter((one) => one !== without) : all;
};

/** What everybody who reads section 5 calls narrower: the rule must not need both for any of these. */
const NARROWING: readonly Change[] = [
  (v, r) => replaceTerm(v, r, RIGHTS, (term) => ({ ...term, purposes: fewer(r, term.purposes as string[]) })),
  (v, r) =>
    replaceTerm(v, r, RIGHTS, (term) => ({ ...term, longestWindowSeconds: (term.longestWindowSeconds as number) - 1 })),
  (v, r) =>
    replaceTerm(v, r, RIGHTS, (term) => ({
      ...term,
      approvals: [...(term.approvals as Term[]), { group: r.pick(GROUPS), persons: 1 }],
    })),
  (v, r) =>
    replaceTerm(v, r, ACCESS, (term) =>
      term.ticketPattern === null ? { ...term, ticketPattern: 'INC-[0-9]{4}' } : term,
    ),
  (v, r) => replaceTerm(v, r, ACCESS, () => undefined),
  (v, r) =>
    replaceTerm(v, r, ['data-collection'], (term) => ({ ...term, regions: fewer(r, term.regions as string[]) })),
  (v, r) =>
    replaceTerm(v, r, ['data-collection'], (term) => {
      const keys = term.keys as readonly Term[];
      const chosen = r.pick(keys);
      return { ...term, keys: keys.map((one) => (one === chosen ? { ...one, action: 'drop', step: null } : one)) };
    }),
  (v, r) =>
    replaceTerm(v, r, ['region'], (term) => ({ ...term, endpointKeys: fewer(r, term.endpointKeys as string[]) })),
  (v, r) =>
    replaceTerm(v, r, ['embargo', 'decision-point', 'signal'], (term) => ({
      ...term,
      maxAgeSeconds: (term.maxAgeSeconds as number) - 1,
    })),
  (v, r) => {
    v.terms = each([
      ...v.terms.filter((term) => term.type !== 'embargo'),
      ...v.terms
        .filter((term) => term.type === 'embargo')
        .map((term) => ({ ...term, issuers: [...new Set([...(term.issuers as string[]), r.pick(['eu', 'un'])])] })),
    ]);
  },
  (v, r) =>
    replaceTerm(v, r, ['hours'], (term) => ({
      ...term,
      open: (term.open as readonly { day: string; from: string; to: string }[]).slice(r.below(2)),
    })),
  (v, r) =>
    replaceTerm(v, r, ['file-transfer'], (term) => ({ ...term, services: fewer(r, term.services as string[]) })),
  (v, r) =>
    replaceTerm(v, r, ['re-login', 'clock-skew'], (term) => ({ ...term, seconds: (term.seconds as number) - 1 })),
  (v, r) => replaceTerm(v, r, ['sessions'], (term) => ({ ...term, most: (term.most as number) - 1 })),
  (v, r) =>
    replaceTerm(v, r, ['transfer'], (term) => {
      const list = r.pick(['storage', 'transit', 'access']);
      return { ...term, [list]: fewer(r, term[list] as string[]) };
    }),
  (v, r) => replaceTerm(v, r, ['selector'], (term) => ({ ...term, services: fewer(r, term.services as string[]) })),
  (v, r) =>
    replaceTerm(v, r, ['time-limits'], (term) => {
      const member = r.pick(['bookingSeconds', 'approvalSeconds', 'workingSeconds']);
      return { ...term, [member]: (term[member] as number) - 1 };
    }),
  (v, r) => {
    v.terms = each([limitsOf(r), ...v.terms]);
  },
  (v, r) => replaceTerm(v, r, ['resource-class'], (term) => ({ ...term, approvals: (term.approvals as number) + 1 })),
  (v, r) => {
    const chosen = r.pick(MACHINES);
    v.resources = v.resources.map((one) => (one.id === chosen ? { ...one, services: fewer(r, one.services) } : one));
  },
];

/** Anything else that one side might try: each thing drawn anew. */
const OTHER: readonly Change[] = [
  (v, r) => replaceTerm(v, r, ACCESS, (term) => ({ ...term, ...pickMember(r, accessOf(r, term.type)) })),
  (v, r) =>
    replaceTerm(v, r, ['data-collection'], (term) => ({
      ...term,
      ...pickMember(r, dataOf(r, (term.resource as unknown as { id: string }).id)),
    })),
  (v, r) =>
    replaceTerm(v, r, ['region'], (term) => ({ ...term, ...pickMember(r, regionOf(r, term.region as string)) })),
  (v, r) => replaceTerm(v, r, ['embargo', 'decision-point', 'signal'], (term) => conditionOf(r, term.party as string)),
  (v, r) => replaceTerm(v, r, ['resource-class'], (term) => ({ ...term, ...pickMember(r, classOf(r)) })),
  (v, r) => replaceTerm(v, r, ['file-transfer'], () => filesOf(r)),
  (v, r) => replaceTerm(v, r, ['hours'], (term) => ({ ...term, ...pickMember(r, hoursOf(r, r.pick(ACCESS))) })),
  (v, r) => replaceTerm(v, r, ['time-limits'], (term) => ({ ...term, ...pickMember(r, limitsOf(r)) })),
  (v, r) => replaceTerm(v, r, ['sessions', 're-login', 'clock-skew'], () => boundOf(r)),
  (v, r) =>
    replaceTerm(v, r, ['transfer'], (term) => ({
      ...term,
      ...pickMember(r, transferOf(r, (term.resource as unknown as { id: string }).id)),
    })),
  (v, r) => replaceTerm(v, r, ['selector'], (term) => ({ ...term, ...pickMember(r, selectorOf(r, r.pick(ZONES))) })),
  (v, r) =>
    replaceTerm(
      v,
      r,
      v.terms.map((term) => term.type),
      () => undefined,
    ),
  (v, r) => {
    v.terms = each([
      ...v.terms,
      r.pick([
        accessOf(r, 'machine-to-machine'),
        dataOf(r, r.pick(MACHINES)),
        conditionOf(r, r.pick(PARTIES)),
        dutyOf(r),
        limitsOf(r),
        selectorOf(r, r.pick(ZONES)),
        hoursOf(r, r.pick(ACCESS)),
        filesOf(r),
        boundOf(r),
        transferOf(r, r.pick(MACHINES)),
      ]),
    ]);
  },
  (v, r) => {
    v.resources = v.resources.map((one) => (r.chance(2) ? resourceOf(r, one.id) : one));
  },
  (v, r) => {
    v.resources = r.chance(2) ? v.resources.slice(1) : [...v.resources, resourceOf(r, 'press-9')];
  },
  (v, r) => {
    v.endsAt += r.pick([-1, 1]);
  },
];

const pickMember = (random: Random, term: Term): Readonly<Record<string, Json>> => {
  const member = random.pick(Object.keys(term).filter((name) => name !== 'type'));
  return { [member]: term[member] ?? null };
};

/** A use that one of the two versions may well allow: everything at the edge of what their terms say. */
function attemptOf(random: Random, after: Version): Attempt {
  const right = random.pick([
    ...after.terms.filter((term) => RIGHTS.includes(term.type)),
    accessOf(random, 'remote-service'),
  ]);
  const resource = random.pick([...after.resources, { owner: BUYER ?? '', id: 'press-9', services: SERVICES }]);
  const data = right.type === 'data-collection';
  const keys = (right.keys ?? []) as readonly { key: string; unit: string | null; category: string }[];
  const key = keys.length > 0 ? random.pick(keys) : { key: 'force', unit: 'kN', category: 'process' };
  const said = `${key.category} ${key.unit}`;
  const rules = right.approvals as readonly { group: string; persons: number }[];
  const cleared = () =>
    random.chance(5)
      ? undefined
      : { issuers: some(random, ['eu', 'un']), age: random.pick([58, 59, 60, 3_598, 3_599]) };
  return {
    kind: right.type as Attempt['kind'],
    owner: BUYER ?? '',
    resource: data ? (right.resource as unknown as { id: string }).id : resource.id,
    day: random.pick(DAYS),
    time: random.pick([...TIMES, '06:59', '13:59', '14:59']),
    open: random.pick([0, 1, 9, 10, 59]),
    loginAge: random.pick([0, 1, 9, 10, 59, 60]),
    ahead: random.pick([0, 1, 2, 10, 11, 60]),
    recorded: random.chance(4) ? undefined : { site: 'north', zone: random.pick(ZONES) },
    action: data ? 'telemetry' : random.pick(resource.services),
    purpose: random.pick(right.purposes as readonly string[]),
    ticket: random.pick(TICKETS),
    lengthSeconds: (right.longestWindowSeconds as number) - random.below(2),
    approvers: rules.flatMap((rule) =>
      Array<readonly string[]>(rule.persons).fill(random.chance(3) ? GROUPS : [rule.group]),
    ),
    cleared: Object.fromEntries(PARTIES.map((party) => [party, cleared()])),
    decided: Object.fromEntries(
      PARTIES.map((party) => [party, random.chance(5) ? undefined : random.pick([58, 59, 3_598])]),
    ),
    said: Object.fromEntries(
      PARTIES.map((party) => [party, random.chance(5) ? undefined : random.pick([58, 59, 3_598])]),
    ),
    region: data ? random.pick(right.regions as readonly string[]) : 'eu-1',
    endpoint: random.pick(['first', 'second']),
    recipient: data ? random.pick(right.recipients as readonly string[]) : (VENDOR ?? ''),
    from: random.pick(['DE', 'US']),
    key: key.key,
    bookedSeconds: atEdge(random, after, 'bookingSeconds'),
    approvedSecondsAgo: atEdge(random, after, 'approvalSeconds'),
    workedSeconds: atEdge(random, after, 'workingSeconds'),
    shown: random.pick([`all ${said}`, `hash ${said}`, `step of 5 ${said}`, `step of 10 ${said}`]),
  };
}

/** A span at the edge of what the version says, or of what another one could say. */
const atEdge = (random: Random, version: Version, member: string): number => {
  const said = version.terms.flatMap((term) => (typeof term[member] === 'number' ? [term[member]] : []));
  return Math.max(0, random.pick([...said, 60, 3_600]) + random.pick([-2, -1, 0]));
};

const ATTEMPTS = 10;
const asAgreement = (version: Version): Agreement => version as unknown as Agreement;
const changed = (version: Version, random: Random, changes: readonly Change[]): Version => {
  const copy: Mutable = { ...version };
  for (let left = 1 + random.below(3); left > 0; left -= 1) random.pick(changes)(copy, random);
  return copy;
};

/** What one side alone may do lets nobody do more, and takes nobody's due away. */
const narrowerAllowsNoMore = (random: Random): string | undefined => {
  const before = versionOf(random);
  const after = changed(before, random, random.chance(2) ? [...NARROWING, ...OTHER] : OTHER);
  if (!provablyNarrower(asAgreement(before), asAgreement(after))) return undefined;
  if (!sameDuties(before, after)) return `duties changed: ${JSON.stringify({ before, after })}`;
  for (let nth = 0; nth < ATTEMPTS; nth += 1) {
    const attempt = attemptOf(random, after);
    if (permits(after, attempt) && !permits(before, attempt))
      return `allows more: ${JSON.stringify({ before, after, attempt })}`;
  }
  return undefined;
};

/** What plainly narrows needs nobody's yes. */
const plainlyNarrowerNeedsNobody = (random: Random): string | undefined => {
  const before = versionOf(random);
  const after = changed(before, random, NARROWING);
  return provablyNarrower(asAgreement(before), asAgreement(after))
    ? undefined
    : `not seen as narrower: ${JSON.stringify({ before, after })}`;
};

/** What the oracle sees grow is never narrower, whichever way round the two stand. */
const growthNeedsBoth = (random: Random): string | undefined => {
  const after = versionOf(random);
  const before = changed(after, random, NARROWING);
  const grown = Array.from({ length: ATTEMPTS }, () => attemptOf(random, after)).some(
    (one) => permits(after, one) && !permits(before, one),
  );
  return grown && provablyNarrower(asAgreement(before), asAgreement(after))
    ? `growth passed: ${JSON.stringify({ before, after })}`
    : undefined;
};

export const agreements: PropertyArea = { narrowerAllowsNoMore, plainlyNarrowerNeedsNobody, growthNeedsBoth };
