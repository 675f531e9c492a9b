// A thousand organisations, five hundred agreements, and as many live rights as asked for, each made from its number alone.

import type {
  Agreement,
  AgreementId,
  Ask,
  Digest,
  GrantId,
  HeldAct,
  Instant,
  Interval,
  LocalId,
  OrganisationId,
  RightFacts,
  Thumbprint,
  Under,
} from '@interlock/domain';

const ORGANISATIONS = 1_000;
const MACHINES = 40;
const HOUR = 3_600_000;
const NOW: Instant = Date.UTC(2026, 5, 1, 12);
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export interface World {
  readonly now: Instant;
  readonly unders: readonly Under[];
  addRight(at: number, add: (right: RightFacts, holds: readonly (Thumbprint | null)[]) => void): void;
  /** `turn` seeds them: no round asks what another asked. */
  asks(count: number, rights: number, turn: number): Ask[];
}

/** Same number, same text; each call makes a string of its own. */
function text(prefix: string, number: number, length: number): string {
  let state = (number * 2_654_435_761 + prefix.length * 97) >>> 0;
  let made = prefix;
  while (made.length < length) {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917 + made.length) >>> 0;
    made += ALPHABET[state & 31];
  }
  return Buffer.from(made).toString('latin1');
}

const organisation = (at: number) => text(`company-${at}-`, at, 20).concat('.example') as OrganisationId;
const machine = (at: number) => `press-${at}` as LocalId;
const person = (right: number) => `technician-${right}` as LocalId;
const leafOf = (right: number) => text(`k${right}-`, right, 43) as Thumbprint;
const digest = (kind: string, at: number) => text(`sha256:${kind}${at}-`, at, 50) as Digest;
const agreementOf = (right: number) => right % (ORGANISATIONS / 2);

function anAgreement(at: number): Agreement {
  const [vendor, buyer] = [organisation(2 * at), organisation(2 * at + 1)];
  const party = (name: OrganisationId, role: 'vendor' | 'buyer') => ({
    organisation: name,
    role,
    root: text('root', at, 43) as Thumbprint,
    entity: digest('e', at),
  });
  return {
    typ: 'agreement',
    v: 1,
    id: text('agr_', at, 30) as AgreementId,
    version: 1,
    previous: null,
    house: false,
    parties: [party(vendor, 'vendor'), party(buyer, 'buyer')],
    resources: Array.from({ length: MACHINES }, (_, nth) => ({
      owner: buyer,
      id: machine(nth),
      class: 'standard' as const,
      services: ['ssh', 'vnc', 'opc'] as LocalId[],
    })),
    terms: [
      {
        type: 'remote-service',
        approvals: [{ group: 'maintenance' as LocalId, persons: 2 }],
        ticketPattern: null,
        longestWindowSeconds: 28_800,
        purposes: ['repair' as LocalId],
      },
      { type: 'offline', kind: 'remote-service', class: 'standard', mode: 'static', leaseSeconds: 1_800 },
    ],
    effectiveFrom: NOW - 1_000 * HOUR,
    endsAt: NOW + 1_000 * HOUR,
  };
}

/** Each agreement has taken a few rights away, so that every decision looks at acts and at a status list. */
function underOf(at: number): Under {
  const agreement = anAgreement(at);
  const acts: HeldAct[] = [0, 1].map((nth) => ({
    digest: digest('act', 2 * at + nth),
    signers: [organisation(2 * at + 1)],
    act: {
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: organisation(2 * at + 1),
      agreementId: agreement.id,
      target: { kind: 'grant', id: text('gone', 2 * at + nth, 30) as GrantId },
      reason: 'no longer needed',
      lifts: null,
      sequence: nth,
      previous: null,
      issuedAt: NOW - HOUR,
    },
  }));
  return {
    agreement,
    digest: digest('agr', at),
    facts: { acts, verdicts: [], annexes: [], invalid: new Set([text('gone', at, 30)]) },
  };
}

const daily = (first: Instant, count: number): Interval[] =>
  Array.from({ length: count }, (_, nth) => ({
    from: first + nth * 24 * HOUR,
    to: first + nth * 24 * HOUR + 8 * HOUR,
  }));

/** Five kinds of window; three of four rights are open now. */
function windowsOf(right: number): Interval[] {
  switch (((right * 2_654_435_761) >>> 7) % 20) {
    case 0:
    case 1:
      return [{ from: NOW - 9 * HOUR, to: NOW - HOUR - (right % 1_000) }];
    case 2:
    case 3:
      return [{ from: NOW + HOUR + (right % 1_000), to: NOW + 9 * HOUR }];
    case 4:
      return daily(NOW - 3 * 24 * HOUR + 2 * HOUR, 7);
    case 5:
    case 6:
    case 7:
    case 8:
      return daily(NOW - 3 * 24 * HOUR - 4 * HOUR, 7);
    default:
      return [{ from: NOW - HOUR - (right % 1_000), to: NOW + 7 * HOUR }];
  }
}

function rightOf(at: number, under: Under): RightFacts {
  const pair = agreementOf(at);
  const [vendor, buyer] = [organisation(2 * pair), organisation(2 * pair + 1)];
  const approvers = [at % 7, 7 + (at % 5)].map((nth) => ({
    organisation: buyer,
    id: `approver-${nth}` as LocalId,
    groups: ['maintenance' as LocalId],
    guest: false,
  }));
  const keyOf = (whose: OrganisationId, name: string) => ({
    organisation: whose,
    thumbprint: text(name, pair, 43) as Thumbprint,
  });
  return {
    agreement: under.agreement,
    agreementDigest: under.digest,
    grantDigest: digest('g', at),
    owner: buyer,
    subjectSide: vendor,
    approvers,
    documents: [],
    delegations: [],
    keys: [
      keyOf(vendor, 'agreement-'),
      keyOf(buyer, 'agreement-'),
      keyOf(vendor, 'requester-'),
      ...approvers.map((one) => keyOf(buyer, one.id)),
    ],
    grant: {
      typ: 'grant',
      v: 1,
      id: text(`grt_${at}-`, at, 30) as GrantId,
      kind: 'remote-service',
      agreementId: under.agreement.id,
      agreement: under.digest,
      requester: { organisation: vendor, id: 'planner' as LocalId },
      subjects: [{ organisation: vendor, kind: 'person', id: person(at) }],
      resources: [{ owner: buyer, id: machine(at % MACHINES) }],
      actions: ['ssh' as LocalId],
      purpose: 'repair' as LocalId,
      ticket: `INC-${at}`,
      windows: windowsOf(at),
      issuedAt: NOW - HOUR,
    },
  };
}

/** A question about a right chosen by `random`; a few name another key, action or machine. */
function askAbout(right: number, random: number): Ask {
  const pair = agreementOf(right);
  const kind = (random * 1_000) % 1;
  return {
    subject: { organisation: organisation(2 * pair), kind: 'person', id: person(right) },
    leaf: kind < 0.02 ? leafOf(right + 1) : leafOf(right),
    action: (kind > 0.98 ? 'vnc' : 'ssh') as LocalId,
    resource: {
      owner: organisation(2 * pair + 1),
      id: machine((right + (kind > 0.96 && kind <= 0.98 ? 1 : 0)) % MACHINES),
    },
    session: null,
  };
}

export function aLiveWorld(): World {
  const unders = Array.from({ length: ORGANISATIONS / 2 }, (_, at) => underOf(at));
  return {
    now: NOW,
    unders,
    addRight: (at, add) => {
      const under = unders[agreementOf(at)];
      if (under) add(rightOf(at, under), [leafOf(at)]);
    },
    asks(count, rights, turn) {
      let state = (turn * 7_919 + 17) >>> 0;
      const random = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      return Array.from({ length: count }, () => askAbout(Math.floor(random() * rights), random()));
    },
  };
}
