import { CONTROLS } from '../annex/controls.js';
import type { EvidenceKind } from './record.js';

/** What shows that a control is met: records of these kinds, when there are any, and tests of this product, each by file and title. */
export interface ShownControl {
  readonly id: string;
  readonly title: string;
  readonly kinds: readonly EvidenceKind[];
  readonly tests: readonly string[];
}

const SESSIONS: readonly EvidenceKind[] = ['session.opened', 'session.closed', 'session.cut', 'session.refused'];
const CUTS: readonly EvidenceKind[] = ['session.cut', 'flow.cut', 'grant.revoked', 'token.revoked'];
const FLOWS: readonly EvidenceKind[] = ['flow.delivered', 'flow.refused'];
const APPROVED: readonly EvidenceKind[] = ['grant.approved', 'grant.activated', 'grant.refused'];
const ANNEXES: readonly EvidenceKind[] = ['annex.taken', 'annex.withdrawn', 'annex.expiring', 'annex.ended'];
const REFUSED: readonly EvidenceKind[] = ['session.refused', 'flow.refused', 'grant.refused', 'token.refused'];

const OPENS = 'test/scenarios/hostile-broker/opens-nothing.spec.ts';
const KEEPS = 'test/scenarios/hostile-broker/keeps-nothing-open.spec.ts';
const FOUR_EYES = 'libs/domain/src/grant/covered.spec.ts: approvals_missing: too few, no rule, guests, strangers';
const EVIDENCE_FIRST = 'test/scenarios/invariants/no-allow-without-evidence.spec.ts: opens nothing: no byte reaches';
const ALTERED = 'apps/audit/src/lying-operator.spec.ts: and alters a record in place cannot prove it';
const LOST = 'apps/audit/src/lying-operator.spec.ts: and leaves a row out of an answer is found';
const RELAY = 'apps/relay/test/tunnel-attacks.spec.ts: that ends TLS in the middle reads nothing and joins nothing';
const LEASE = `${KEEPS}: (d) keeps nothing open beyond the lease`;
const HONEST = `${OPENS}: carries one honest session`;
const OWN_KEY = `${OPENS}: (a) does not get in with a key of its own`;
const SEALED = 'libs/proof/src/seal.spec.ts: opens for each of its recipients and says who sealed it';
const MINIMISED =
  'test/scenarios/trial/what-leaves-home.spec.ts: leaves none of those names in anything that the vendor';
const HAND = 'test/scenarios/hostile-broker/hand-of-the-plant.spec.ts: cuts at the local port with the broker silent';
const LAPSED = 'libs/domain/src/annex/equivalence.spec.ts: needs an attestation and its acceptance';
const TENANTS = 'apps/audit/src/tenancy.spec.ts: reads a log, learns that it exists, or cosigns it';
const RULES = 'libs/domain/src/decide.spec.ts: allows what was granted, and says in which window';
const FLOOD = 'test/scenarios/hostile-broker/survives-floods.spec.ts: takes garbage of every kind on its channel';
const SHEET = 'libs/domain/src/agreement/data-act-sheet.spec.ts: says for each data product what leaves';
const PLANT = 'test/scenarios/invariants/the-plant-keeps-running.spec.ts: goes on with what is open inside the lease';

type Row = readonly [string, readonly EvidenceKind[], readonly string[]];

/** By the ids of `controls.ts`. A control that is not here is not shown by this product, and the report says so. */
const PROFILES: readonly Row[] = [
  ['nist-sp-800-207/tenet-1', ['grant.activated', ...FLOWS], [RULES]],
  ['nist-sp-800-207/tenet-2', SESSIONS, [RELAY]],
  ['nist-sp-800-207/tenet-3', SESSIONS, [HONEST]],
  ['nist-sp-800-207/tenet-4', ['decision.given', ...SESSIONS], [RULES]],
  ['nist-sp-800-207/tenet-5', ['gateway.started', ...ANNEXES], [LAPSED]],
  ['nist-sp-800-207/tenet-6', [...SESSIONS, ...CUTS], [OWN_KEY, LEASE]],
  ['nist-sp-800-207/tenet-7', ['finding', ...REFUSED], [LOST]],
  ['iec-62443-3-3/sr-1.1', SESSIONS, [OWN_KEY]],
  ['iec-62443-3-3/sr-1.2', SESSIONS, ['libs/proof/src/right.spec.ts: holds from the pins to the subject']],
  [
    'iec-62443-3-3/sr-1.8',
    ['entity.published'],
    ['test/scenarios/hostile-broker/signs-no-right.spec.ts: (f) cannot swap'],
  ],
  ['iec-62443-3-3/sr-1.13', [...APPROVED, ...SESSIONS], [FOUR_EYES]],
  ['iec-62443-3-3/sr-2.1', ['decision.given', ...APPROVED, ...REFUSED], [FOUR_EYES, RULES]],
  ['iec-62443-3-3/sr-2.6', CUTS, [HAND, LEASE]],
  ['iec-62443-3-3/sr-2.8', [...SESSIONS, ...FLOWS, ...APPROVED], [EVIDENCE_FIRST]],
  [
    'iec-62443-3-3/sr-2.9',
    [],
    ['libs/company-side/src/journal/journal.spec.ts: refuses ordinary entries at its limit'],
  ],
  ['iec-62443-3-3/sr-2.10', [], [EVIDENCE_FIRST]],
  [
    'iec-62443-3-3/sr-2.11',
    [],
    ['test/scenarios/hostile-broker/time-gains-nothing.spec.ts: set back before the session'],
  ],
  ['iec-62443-3-3/sr-2.12', APPROVED, [ALTERED]],
  ['iec-62443-3-3/sr-3.1', SESSIONS, [RELAY]],
  ['iec-62443-3-3/sr-3.2', ['flow.refused'], ['apps/scanner/src/scan-bytes.spec.ts: is there, or is missing by name']],
  ['iec-62443-3-3/sr-3.5', ['session.refused'], [FLOOD]],
  ['iec-62443-3-3/sr-3.8', SESSIONS, [HONEST]],
  ['iec-62443-3-3/sr-3.9', [], [ALTERED, LOST]],
  ['iec-62443-3-3/sr-4.1', ['flow.delivered'], [SEALED, RELAY]],
  ['iec-62443-3-3/sr-5.2', ['session.refused', 'lockout.set'], [OWN_KEY, PLANT]],
  ['iec-62443-3-3/sr-6.1', [], ['libs/proof/src/whole-log.spec.ts: is a yes for every row that fits']],
  [
    'iec-62443-3-3/sr-6.2',
    ['finding'],
    ['apps/cli/src/commands/audit/stream/stream-logs.spec.ts: loses nothing while'],
  ],
  ['iec-62443-3-3/sr-7.1', ['session.refused'], [FLOOD]],
  ['iec-62443-2-4/sp.01.03', ['flow.delivered'], [SEALED, MINIMISED]],
  ['iec-62443-2-4/sp.01.07', ['grant.revoked', 'session.cut'], [`${KEEPS}: (l) cannot let a revoked key beat on`]],
  ['iec-62443-2-4/sp.07.01', SESSIONS, [HONEST]],
  ['iec-62443-2-4/sp.07.02', ['grant.requested', ...APPROVED], [FOUR_EYES]],
  ['iec-62443-2-4/sp.07.03', APPROVED, [FOUR_EYES]],
  ['iec-62443-2-4/sp.07.04', SESSIONS, [OWN_KEY, RELAY]],
  ['iec-62443-2-4/sp.08.01', ['finding'], [LOST]],
  ['iec-62443-2-4/sp.08.02', [...SESSIONS, ...FLOWS], [EVIDENCE_FIRST, ALTERED]],
  [
    'iec-62443-2-4/sp.10.01',
    ['flow.refused'],
    ['apps/scanner/src/scan-bytes.spec.ts: is there, or is missing by name'],
  ],
];

/** Directive (EU) 2022/2555 and Regulation (EU) 2023/2854, by article: only what a federation of two companies can show. */
const LAWS: readonly (readonly [string, ...Row])[] = [
  ['incidents are handled', 'nis2/21.2.b', ['finding', 'lockout.set', ...CUTS], [HAND]],
  ['business goes on', 'nis2/21.2.c', ['session.cut', 'lockout.set'], [PLANT]],
  ['the supply chain is secured', 'nis2/21.2.d', [...APPROVED, ...SESSIONS], [FOUR_EYES, OWN_KEY]],
  ['measures are judged by their effect', 'nis2/21.2.f', ANNEXES, [LAPSED]],
  ['cryptography is used', 'nis2/21.2.h', SESSIONS, [RELAY, SEALED]],
  ['access is controlled, assets are managed', 'nis2/21.2.i', [...SESSIONS, ...REFUSED], [RULES, TENANTS]],
  ['authentication is strong and continuous', 'nis2/21.2.j', SESSIONS, [OWN_KEY, LEASE]],
  ['what happened can be reported', 'nis2/23', ['finding', ...CUTS], [LOST]],
  ['the user is told which data there is', 'data-act/3', ['flow.delivered'], [SHEET]],
  ['the user has access to the data', 'data-act/4', FLOWS, [SHEET]],
  ['third parties get data at the word of the user', 'data-act/5', FLOWS, [SEALED, SHEET]],
  ['only what was agreed leaves', 'data-act/4.13', FLOWS, [MINIMISED]],
];

const TITLES: ReadonlyMap<string, string> = new Map(CONTROLS.map(({ id, title }) => [id, title]));

export const SHOWN_CONTROLS: readonly ShownControl[] = [
  ...PROFILES.map(([id, kinds, tests]) => ({ id, title: TITLES.get(id) ?? id, kinds, tests })),
  ...LAWS.map(([title, id, kinds, tests]) => ({ id, title, kinds, tests })),
];

/** Controls of the profiles for which nothing here speaks: whoever needs them shows them elsewhere. */
export const CONTROLS_SHOWN_ELSEWHERE: readonly string[] = CONTROLS.map(({ id }) => id).filter(
  (id) => !PROFILES.some(([shown]) => shown === id),
);
