// Narrower and wider of two versions: the rule of the project against an oracle that tries uses out.

import { type Agreement, provablyNarrower } from '@interlock/domain';
import {
  CONTROLS,
  EVERYBODY,
  GROUPS,
  KINDS,
  limitsOf,
  MACHINES,
  type Mutable,
  resourceOf,
  some,
  type Term,
} from './draw-agreement.js';
import { attemptOf } from './draw-attempt.js';
import { anyTerm, DRAWN, each, versionOf } from './draw-version.js';
import { sameDuties } from './oracles/agreement-duties.js';
import { permits } from './oracles/agreement-order.js';
import type { Json, Version } from './oracles/agreement-words.js';
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
const ACCESS = KINDS.slice(0, 2);
const fewer = (random: Random, all: readonly string[]): readonly string[] => {
  const without = random.pick(all);
  return all.length > 1 ? all.filter((one) => one !== without) : all;
};

/** What everybody who reads section 5 calls narrower: the rule must not need both for any of these. */
const NARROWING: readonly Change[] = [
  (v, r) => replaceTerm(v, r, KINDS, (term) => ({ ...term, purposes: fewer(r, term.purposes as string[]) })),
  (v, r) =>
    replaceTerm(v, r, KINDS, (term) => ({ ...term, longestWindowSeconds: (term.longestWindowSeconds as number) - 1 })),
  (v, r) =>
    replaceTerm(v, r, KINDS, (term) => ({
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
      if (keys.length === 0) return term;
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
  (v, r) =>
    replaceTerm(v, r, ['re-login'], (term) => ({ ...term, acr: fewer(r, (term.acr ?? ['pwd', 'card']) as string[]) })),
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
  (v, r) =>
    replaceTerm(v, r, ['third-party'], (term) => {
      const list = r.pick(['kinds', 'actions', 'purposes', 'resources']);
      return r.chance(2)
        ? { ...term, longestWindowSeconds: (term.longestWindowSeconds as number) - 1 }
        : { ...term, [list]: fewer(r, term[list] as string[]) };
    }),
  (v, r) =>
    replaceTerm(v, r, ['delegation'], (term) => {
      const list = r.pick(['delegates', 'unapproved']);
      return r.chance(2) ? { ...term, depth: (term.depth as number) - 1 } : { ...term, [list]: [] };
    }),
  (v, r) => replaceTerm(v, r, ['delegation', 'identity-provider'], () => undefined),
  (v, r) =>
    replaceTerm(v, r, ['identity-provider'], (term) => ({
      ...term,
      persons: some(r, term.persons as readonly Term[]),
    })),
  (v, r) =>
    replaceTerm(v, r, ['machines'], (term) => {
      const list = r.pick(['sites', 'zones']);
      return r.chance(2) ? { ...term, afterSupport: 'refuse' } : { ...term, [list]: fewer(r, term[list] as string[]) };
    }),
  (v, r) =>
    replaceTerm(v, r, ['equivalence'], (term) => ({
      ...term,
      kinds: [...new Set([...(term.kinds as string[]), r.pick(KINDS)])],
    })),
  (v, r) => replaceTerm(v, r, ['data-collection'], (term) => ({ ...term, labels: [] })),
  (v, r) =>
    replaceTerm(v, r, ['data-collection'], (term) => {
      const keys = term.keys as readonly Term[];
      if (keys.length === 0) return term;
      const chosen = r.pick(keys);
      const marked = chosen.secret as unknown as { recipients: string[]; control: string } | undefined;
      const secret = marked
        ? { ...marked, recipients: fewer(r, marked.recipients) }
        : { recipients: some(r, EVERYBODY), control: r.pick(CONTROLS) };
      return { ...term, keys: keys.map((one) => (one === chosen ? { ...one, secret } : one)) };
    }),
  (v, r) => {
    const chosen = r.pick(MACHINES);
    v.resources = v.resources.map((one) => (one.id === chosen ? { ...one, services: fewer(r, one.services) } : one));
  },
];

/** Anything else that one side might try: one member of a clause drawn anew, or all of it; a clause struck; one that was not there. */
const OTHER: readonly Change[] = [
  ...Array<Change>(4).fill((v, r) =>
    replaceTerm(v, r, Object.keys(DRAWN), (term) => ({ ...term, ...pickMember(r, drawnAnew(r, term)) })),
  ),
  (v, r) => replaceTerm(v, r, Object.keys(DRAWN), (term) => drawnAnew(r, term)),
  (v, r) => replaceTerm(v, r, Object.keys(DRAWN), () => undefined),
  (v, r) => replaceTerm(v, r, ['data-collection'], (t) => ({ ...t, recipients: fewer(r, t.recipients as string[]) })),
  (v, r) => replaceTerm(v, r, ['data-collection'], (t) => ({ ...t, keys: (t.keys as Term[]).slice(1) })),
  (v, r) => {
    v.terms = each([...v.terms, anyTerm(r)]);
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
  (v, r) => {
    v.effectiveFrom += r.pick([-1, 1]);
  },
  (v) => {
    v.parties = v.parties.slice(1);
  },
  (v) => {
    v.house = true;
  },
];

const drawnAnew = (random: Random, term: Term): Term =>
  (DRAWN[term.type] as (r: Random, was: Term) => Term)(random, term);

const pickMember = (random: Random, term: Term): Readonly<Record<string, Json>> => {
  const member = random.pick(Object.keys(term).filter((name) => name !== 'type'));
  return { [member]: term[member] ?? null };
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
