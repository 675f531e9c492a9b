// Uses of an agreement drawn at random, at the edge of what its terms say.

import {
  accessOf,
  BUYER,
  CONTROLS,
  DAYS,
  EVERYBODY,
  GROUPS,
  GUEST,
  KINDS,
  LABELS,
  PARTIES,
  PROGRAMS,
  SERVICES,
  some,
  TICKETS,
  TIMES,
  VENDOR,
  WAYS,
  ZONES,
} from './draw-agreement.js';
import type { Attempt, Version } from './oracles/agreement-words.js';
import type { Random } from './property.js';

/** A use that one of the two versions may well allow: everything at the edge of what their terms say. */
export function attemptOf(random: Random, after: Version): Attempt {
  const right = random.pick([
    ...after.terms.filter((term) => KINDS.includes(term.type)),
    accessOf(random, 'remote-service'),
  ]);
  const resource = random.pick([...after.resources, { owner: BUYER, id: 'press-9', services: SERVICES }]);
  const data = right.type === 'data-collection';
  const keys = (right.keys ?? []) as readonly {
    key: string;
    unit: string | null;
    category: string;
    semanticId?: string;
  }[];
  const key =
    keys.length > 0 ? random.pick(keys) : { key: 'force', unit: 'kN', category: 'process', semanticId: undefined };
  const said = `${key.category} ${key.unit} ${key.semanticId ?? ''}`;
  const rules = right.approvals as readonly { group: string; persons: number }[];
  const cleared = () =>
    random.chance(5)
      ? undefined
      : { issuers: some(random, ['eu', 'un']), age: random.pick([58, 59, 60, 3_598, 3_599]) };
  return {
    kind: right.type as Attempt['kind'],
    owner: BUYER,
    resource: data ? (right.resource as unknown as { id: string }).id : resource.id,
    day: random.pick(DAYS),
    time: random.pick([...TIMES, '06:59', '13:59', '14:59']),
    open: random.pick([0, 1, 9, 10, 59]),
    loginAge: random.pick([0, 1, 9, 10, 59, 60]),
    acr: random.pick(WAYS),
    ahead: random.pick([0, 1, 2, 10, 11, 60]),
    recorded: random.chance(4)
      ? undefined
      : { site: random.pick(['north', 'north', 'south']), zone: random.pick(ZONES), supported: !random.chance(3) },
    ...holdersOf(random),
    action: data ? (right.product as string) : random.pick(resource.services),
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
    program: random.pick(PROGRAMS),
    region: data ? random.pick(right.regions as readonly string[]) : 'eu-1',
    endpoint: random.pick(['first', 'second']),
    recipient: data ? random.pick(right.recipients as readonly string[]) : VENDOR,
    countries: Object.fromEntries(EVERYBODY.map((one) => [one, random.pick(['DE', 'US'])])),
    label: random.chance(3) ? random.pick(LABELS) : undefined,
    key: key.key,
    bookedSeconds: atEdge(random, after, 'bookingSeconds'),
    approvedSecondsAgo: atEdge(random, after, 'approvalSeconds'),
    workedSeconds: atEdge(random, after, 'workingSeconds'),
    shown: random.pick([
      `all ${said}`,
      `hash ${said}`,
      `pseudonymise ${said}`,
      `step of 5 ${said}`,
      `step of 10 ${said}`,
    ]),
  };
}

/** Who was granted it, who got it handed on, who meets which control, and who is insolvent. */
const holdersOf = (
  random: Random,
): Pick<Attempt, 'holder' | 'login' | 'handed' | 'handedApproved' | 'assured' | 'insolvent' | 'oneKey'> => ({
  holder: random.chance(3) ? GUEST : VENDOR,
  login: random.chance(3)
    ? {
        at: random.chance(4) ? GUEST : BUYER,
        as: random.pick(['guest-1', 'guest-2']),
        who: random.pick(['technician', 'colleague']),
      }
    : undefined,
  handed: random.chance(2) ? [] : Array.from({ length: random.below(4) }, () => random.pick([VENDOR, GUEST])),
  handedApproved: random.chance(2),
  assured: EVERYBODY.flatMap((party) =>
    CONTROLS.flatMap((control) => (random.chance(4) ? [] : [`${party} ${control}`])),
  ),
  oneKey: random.chance(6) ? random.pick(PARTIES) : undefined,
  insolvent: random.chance(6) ? random.pick(PARTIES) : undefined,
});

/** A span at the edge of what the version says, or of what another one could say. */
const atEdge = (random: Random, version: Version, member: string): number => {
  const said = version.terms.flatMap((term) => (typeof term[member] === 'number' ? [term[member]] : []));
  return Math.max(0, random.pick([...said, 60, 3_600]) + random.pick([-2, -1, 0]));
};
