import { allow, type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import type { EvidenceKind, EvidenceRecord } from './record.js';

/** Who says a record: a service of the broker, its operator's own verbs, or the gateway of a company. */
export const EVIDENCE_WRITERS = [
  'trust-registry',
  'grants',
  'data-router',
  'federation-api',
  'audit',
  'operator',
  'gateway',
] as const;
export type EvidenceWriter = (typeof EVIDENCE_WRITERS)[number];

/** Each service says in the operator's log what it runs and what it did to its tables. */
const SERVICES = ['trust-registry', 'grants', 'data-router', 'federation-api', 'audit'] as const;

/** Who may say what. A kind that nobody may say would be no kind; one that another says is parked. */
export const WRITERS_OF: Readonly<Record<EvidenceKind, readonly EvidenceWriter[]>> = {
  'entity.published': ['trust-registry'],
  'certificates.published': ['trust-registry'],
  'agreement.proposed': ['trust-registry'],
  'agreement.signed': ['trust-registry'],
  'agreement.countersigned': ['trust-registry'],
  'agreement.activated': ['trust-registry'],
  'agreement.refused': ['trust-registry'],
  'agreement.suspended': ['trust-registry'],
  'agreement.narrowed': ['trust-registry'],
  'agreement.resumed': ['trust-registry'],
  'agreement.terminated': ['trust-registry'],
  'agreement.ended': ['trust-registry'],
  'annex.taken': ['trust-registry'],
  'annex.withdrawn': ['trust-registry'],
  'annex.expiring': ['trust-registry'],
  'annex.ended': ['trust-registry'],
  'resource.withdrawn': ['trust-registry'],
  'grant.requested': ['grants'],
  'grant.approved': ['grants'],
  'grant.activated': ['grants'],
  'grant.refused': ['grants'],
  'grant.revoked': ['grants'],
  'grant.expired': ['grants'],
  'verdict.taken': ['grants'],
  'decision.given': ['grants'],
  'caller.refused': ['federation-api'],
  'request.refused': ['federation-api'],
  'session.admitted': ['grants'],
  'session.refused': ['grants', 'gateway'],
  'session.opened': ['gateway'],
  'session.activated': ['gateway'],
  'session.closed': ['gateway'],
  'session.cut': ['grants', 'gateway'],
  'token.issued': ['grants'],
  'token.refused': ['grants'],
  'token.revoked': ['grants'],
  'function.refused': ['gateway'],
  'user.issued': ['data-router'],
  'push.quarantined': ['gateway'],
  'scan.quarantined': ['gateway'],
  'scan.released': ['gateway', 'audit'],
  'flow.opened': ['gateway'],
  'flow.delivered': ['gateway'],
  'flow.refused': ['data-router', 'gateway'],
  'flow.cut': ['data-router', 'gateway'],
  'data.received': ['audit'],
  'data.erased': ['gateway', 'audit', 'data-router'],
  'lockout.set': ['grants', 'gateway'],
  'lockout.lifted': ['gateway'],
  'gateway.started': ['gateway'],
  'hold.set': ['audit'],
  'hold.lifted': ['audit'],
  'evidence.erased': ['audit'],
  'service.started': SERVICES,
  'service.stopped': SERVICES,
  'schema.migrated': SERVICES,
  'parked.handled': ['operator'],
  'letter.handled': ['operator'],
  'backup.made': ['operator'],
  'backup.restored': ['operator'],
  finding: ['data-router', 'audit', 'gateway'],
};

/** Before this nothing here existed: a clock that says an earlier time says nothing. */
const FIRST_DAY = 1_735_689_600_000; // 2025-01-01T00:00:00Z
/** How far ahead of the log a clock may be. A gateway's own clock is held to minutes; beyond a day it is nonsense. Milliseconds. */
export const AHEAD_OF_THE_LOG = 86_400_000;

const BROKER = 'broker/';

/**
 * Whether a record came from who may say it, at a time that can be.
 *
 * @param through the service whose door it came through; `operator` for an administrator of the database, who puts back what any of them said
 * @param takenAt when the door took it. How late it comes says nothing: a gateway may have been cut off for months
 */
export function mayBeSaid(
  { kind, source, at }: Pick<EvidenceRecord, 'kind' | 'source' | 'at'>,
  through: string,
  takenAt: Instant,
): Decision<true, 'wrong_writer' | 'clock_nonsense'> {
  const ofBroker = source.startsWith(BROKER);
  const writer = ofBroker ? source.slice(BROKER.length) : 'gateway';
  const door = ofBroker ? writer : 'federation-api';
  const mayWrite = WRITERS_OF[kind].some((one) => one === writer);
  if (!mayWrite || (through !== door && through !== 'operator')) return refuse('wrong_writer');
  return at >= FIRST_DAY && at <= takenAt + AHEAD_OF_THE_LOG ? allow(true) : refuse('clock_nonsense');
}
