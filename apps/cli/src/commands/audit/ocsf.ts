import type { EvidenceKind, EvidenceRecord } from '@interlock/domain';
import type { ProvenRow } from './proven-row.js';

/** The OCSF version that every event names and is made for. */
export const OCSF_VERSION = '1.8.0';

/** Category and class, by their numbers in the schema, and what an event of the class must have beside what all have. */
const CLASSES = {
  dataSecurityFinding: { uid: 2006, category: 2, of: findingOf },
  detectionFinding: { uid: 2004, category: 2, of: findingOf },
  authorizeSession: { uid: 3003, category: 3, of: rightOf },
  entityManagement: { uid: 3004, category: 3, of: entityOf },
  userAccess: { uid: 3005, category: 3, of: rightOf },
  networkActivity: { uid: 4001, category: 4, of: connectionOf },
  apiActivity: { uid: 6003, category: 6, of: callOf },
  datastoreActivity: { uid: 6005, category: 6, of: storeOf },
} as const;

/** The class and the activity of each kind of record; activities by their numbers in the class. */
const MAPPED: Readonly<Record<EvidenceKind, readonly [keyof typeof CLASSES, number]>> = {
  'entity.published': ['entityManagement', 3],
  'certificates.published': ['entityManagement', 3],
  'agreement.proposed': ['entityManagement', 1],
  'agreement.signed': ['entityManagement', 3],
  'agreement.countersigned': ['entityManagement', 3],
  'agreement.activated': ['entityManagement', 10],
  'agreement.refused': ['entityManagement', 10],
  'agreement.suspended': ['entityManagement', 12],
  'agreement.narrowed': ['entityManagement', 3],
  'agreement.resumed': ['entityManagement', 13],
  'agreement.terminated': ['entityManagement', 11],
  'agreement.ended': ['entityManagement', 11],
  'annex.taken': ['entityManagement', 1],
  'annex.withdrawn': ['entityManagement', 4],
  'annex.expiring': ['entityManagement', 2],
  'annex.ended': ['entityManagement', 11],
  'resource.withdrawn': ['entityManagement', 7],
  'grant.requested': ['apiActivity', 1],
  'grant.approved': ['apiActivity', 3],
  'grant.activated': ['authorizeSession', 1],
  'grant.refused': ['authorizeSession', 1],
  'grant.revoked': ['userAccess', 2],
  'grant.expired': ['userAccess', 2],
  'verdict.taken': ['apiActivity', 1],
  'decision.given': ['apiActivity', 2],
  'caller.refused': ['apiActivity', 99],
  'request.refused': ['apiActivity', 99],
  'session.admitted': ['apiActivity', 1],
  'session.refused': ['networkActivity', 5],
  'session.opened': ['networkActivity', 1],
  'session.activated': ['networkActivity', 1],
  'session.closed': ['networkActivity', 2],
  'session.cut': ['networkActivity', 3],
  'token.issued': ['authorizeSession', 1],
  'token.refused': ['authorizeSession', 1],
  'token.revoked': ['userAccess', 2],
  'function.refused': ['networkActivity', 5],
  'user.issued': ['authorizeSession', 1],
  'push.quarantined': ['dataSecurityFinding', 1],
  'scan.quarantined': ['dataSecurityFinding', 1],
  'scan.released': ['dataSecurityFinding', 3],
  'flow.opened': ['networkActivity', 1],
  'flow.delivered': ['datastoreActivity', 5],
  'flow.refused': ['dataSecurityFinding', 1],
  'flow.cut': ['networkActivity', 3],
  'data.received': ['datastoreActivity', 1],
  'data.erased': ['datastoreActivity', 6],
  'lockout.set': ['entityManagement', 9],
  'lockout.lifted': ['entityManagement', 8],
  'gateway.started': ['entityManagement', 10],
  'hold.set': ['entityManagement', 3],
  'hold.lifted': ['entityManagement', 3],
  'evidence.erased': ['entityManagement', 4],
  'service.started': ['entityManagement', 10],
  'service.stopped': ['entityManagement', 11],
  'schema.migrated': ['entityManagement', 3],
  'parked.handled': ['entityManagement', 3],
  'letter.handled': ['entityManagement', 3],
  'backup.made': ['entityManagement', 2],
  'backup.restored': ['entityManagement', 3],
  finding: ['detectionFinding', 1],
};

/** Severity by outcome: 1 informational, 2 low, 3 medium, 4 high. */
const SEVERITY = { allow: 1, change: 1, delivery: 1, deny: 2, cut: 3, finding: 4 } as const;

/**
 * A record as an OCSF event: what the schema has a place for stands there, and the whole record in `unmapped`, so that nothing is lost.
 * `metadata.uid` names the record for good; whoever is handed an event twice knows it by that.
 */
export function ocsfEvent({ index, record, appendedAt }: ProvenRow): Readonly<Record<string, unknown>> {
  const [name, activity] = MAPPED[record.kind];
  const { uid, category, of } = CLASSES[name];
  const { correlation, code, reason } = record;
  return {
    category_uid: category,
    class_uid: uid,
    activity_id: activity,
    type_uid: uid * 100 + activity,
    severity_id: SEVERITY[record.outcome],
    // A finding is new; everything else worked or was refused.
    status_id: category === 2 || record.outcome !== 'deny' ? 1 : 2,
    ...(code !== null && { status_code: code }),
    ...(reason !== undefined && { status_detail: reason }),
    time: record.at,
    message: messageOf(record),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Interlock', vendor_name: 'Interlock' },
      uid: record.id,
      event_code: record.kind,
      log_name: record.log,
      log_provider: record.source,
      sequence: index,
      ...(appendedAt !== undefined && { logged_time: appendedAt }),
      ...(correlation !== null && { correlation_uid: correlation }),
    },
    ...of(record),
    unmapped: { record },
  };
}

const subjectName = ({ subject }: EvidenceRecord): string | undefined =>
  subject ? `${subject.organisation}/${subject.kind}/${subject.id}` : undefined;
const resourceName = ({ resource }: EvidenceRecord): string | undefined =>
  resource ? `${resource.owner}/${resource.id}` : undefined;

/** What happened, in one line for whoever scrolls through events. */
export function messageOf(record: EvidenceRecord): string {
  const [who, what] = [subjectName(record), resourceName(record)];
  const { kind, outcome, code } = record;
  return `${kind}: ${outcome}${who ? ` ${who}` : ''}${what ? ` on ${what}` : ''}${code === null ? '' : ` (${code})`}`;
}

/** Type 1 is a user, type 4 a service; whoever showed no subject is unknown, 0. */
function userOf(record: EvidenceRecord): object {
  const { subject } = record;
  if (!subject) return { name: 'unknown', type_id: 0 };
  const type_id = subject.kind === 'person' ? 1 : 4;
  return { uid: subjectName(record), name: subject.id, type_id, org: { uid: subject.organisation } };
}

const sourceOf = (record: EvidenceRecord): object => ({ name: subjectName(record) ?? record.source });
const targetOf = (record: EvidenceRecord): object => {
  const name = resourceName(record);
  return name === undefined ? {} : { dst_endpoint: { name } };
};

function findingOf(record: EvidenceRecord): object {
  const name = resourceName(record);
  return {
    finding_info: { uid: record.id, title: record.code ?? record.kind, created_time: record.at },
    ...(name !== undefined && { resources: [{ uid: name }] }),
  };
}

function rightOf(record: EvidenceRecord): object {
  return {
    user: userOf(record),
    privileges: [resourceName(record) ?? record.grant ?? 'unknown'],
  };
}

/** What was changed: an organisation (4), an agreement or an annex of it (5, a policy), or a device (1). */
function entityOf(record: EvidenceRecord): object {
  const { kind, organisation, source } = record;
  if (kind === 'entity.published') return { entity: { type_id: 4, uid: organisation ?? source } };
  if (kind.startsWith('agreement.') || kind.startsWith('annex.'))
    return { entity: { type_id: 5, uid: record.agreement ?? record.log } };
  return { entity: { type_id: 1, uid: kind === 'resource.withdrawn' ? (resourceName(record) ?? source) : source } };
}

function connectionOf(record: EvidenceRecord): object {
  return { src_endpoint: sourceOf(record), ...targetOf(record) };
}

function callOf(record: EvidenceRecord): object {
  return {
    actor: { user: userOf(record) },
    api: { operation: record.kind, service: { name: record.source } },
    src_endpoint: sourceOf(record),
    ...targetOf(record),
  };
}

/** A bucket of type 99 is of a kind that the schema does not list. */
function storeOf(record: EvidenceRecord): object {
  const uid = resourceName(record) ?? record.session ?? record.log;
  return {
    actor: { user: record.recipients.length > 0 ? recipientOf(record) : userOf(record) },
    src_endpoint: { name: record.source },
    databucket: { uid, type_id: 99, type: 'sealed telemetry' },
  };
}

const recipientOf = ({ recipients }: EvidenceRecord): object => ({
  uid: recipients.join(' '),
  type_id: 4,
});
