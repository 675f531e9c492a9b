import { append, type Tx } from '@interlock/chassis/db';
import { AgreementActivated, AgreementStatusChanged, type RefusalCode } from '@interlock/contracts';
import {
  AGREEMENT_TRANSITIONS,
  type AgreementStatus,
  allow,
  type Decision,
  type Digest,
  type EvidenceKind,
  evidenceTerm,
  type HeldAct,
  type Instant,
  keepsEvidenceOf,
  mayBecome,
  notEvaluated,
  refuse,
  statusByActs,
  type VersionStatus,
} from '@interlock/domain';
import { verifyAgreement } from '@interlock/proof';
import {
  type AgreementRow,
  actsOn,
  moveTo,
  newestVersion,
  unbegunBefore,
  versionOfDigest,
  versionThatCounts,
} from '../store/agreement.store.js';
import { record } from '../store/evidence.store.js';
import { reportedPoints } from '../store/gateway-report.store.js';
import type { Verbs } from '../verbs.js';
import { pinsOf, ringFor } from './rings.js';

/**
 * Activates a version that every party has signed, or refuses it for good with the clause named. Waits where a signature is missing; one that is
 * to begin later is countersigned until then. The version it follows ends. The caller holds the lock on the agreement.
 */
export async function settleAgreement(
  tx: Tx,
  verbs: Verbs,
  row: AgreementRow,
  now: Instant,
): Promise<Decision<AgreementRow, RefusalCode>> {
  const missing = row.parties.some((party) => !row.signatures.some((one) => one.organisation === party));
  if (!isOpen(row.status) || missing) return allow(row);
  const here = keepsEvidenceOf(row.document, verbs.evidencePlace);
  // Not refused for good: its operator may have started it with another setting by mistake.
  if (!here.allowed) return here;
  const blocks = row.signatures.map((one) => one.block);
  const pins = await pinsOf(tx, row.parties);
  const ring = await ringFor(tx, verbs, pins, row.document, blocks, now);
  const verified = ring.allowed
    ? await verifyAgreement({ document: row.document, signatures: blocks }, ring.value, pins, now)
    : ring;
  const lacking = verified.allowed && notEvaluated(row.document, await reportedPoints(tx, row.parties, now));
  if (verified.allowed && !lacking) return allow(await activateVersion(tx, verbs, row, now));
  const { code, clause } = verified.allowed
    ? { code: 'term_without_evaluator' as const, clause: lacking || undefined }
    : verified.refusal;
  if (code === 'agreement_not_yet_effective') return allow(await countersigned(tx, verbs, row, now));
  await moveTo(tx, row, 'refused');
  await record(tx, verbs.ids, {
    ...about(row, now),
    kind: 'agreement.refused',
    outcome: 'deny',
    code,
    clause: clause ?? null,
  });
  return refuse(code, clause === undefined ? {} : { clause });
}

/** Whether a version has neither begun nor been refused. */
export const isOpen = (status: VersionStatus): boolean => status === 'proposed' || status === 'countersigned';

async function countersigned(tx: Tx, verbs: Verbs, row: AgreementRow, now: Instant): Promise<AgreementRow> {
  if (row.status === 'countersigned') return row;
  await moveTo(tx, row, 'countersigned');
  await record(tx, verbs.ids, { ...about(row, now), kind: 'agreement.countersigned', outcome: 'change' });
  return { ...row, status: 'countersigned' };
}

/** What a party whose version lost is told of the one that won. */
export const winnerWords = ({ version, proposedBy, digest }: AgreementRow): string =>
  `version ${version} of ${proposedBy}, ${digest}`;

/** A version that another one came before: over, and both learn from the log which one it was. */
export async function supersede(
  tx: Tx,
  verbs: Verbs,
  { lost, winner }: { readonly lost: AgreementRow; readonly winner: AgreementRow },
  now: Instant,
): Promise<void> {
  await moveTo(tx, lost, 'refused');
  const said = { kind: 'agreement.refused', outcome: 'deny', organisation: lost.proposedBy } as const;
  await record(tx, verbs.ids, {
    ...about(lost, now),
    ...said,
    code: 'version_superseded',
    clause: winnerWords(winner),
  });
}

async function activateVersion(tx: Tx, verbs: Verbs, row: AgreementRow, now: Instant): Promise<AgreementRow> {
  const before = await versionThatCounts(tx, row.id);
  const inForce = before && !isOpen(before.status) && before.status !== 'ended' && before.status !== 'refused';
  if (inForce && before.version !== row.version) await moveTo(tx, before, 'ended');
  for (const lost of await unbegunBefore(tx, row.id, row.version))
    await supersede(tx, verbs, { lost, winner: row }, now);
  await moveTo(tx, row, 'active');
  await record(tx, verbs.ids, { ...about(row, now), kind: 'agreement.activated', outcome: 'change' });
  const evidence = evidenceTerm(row.document);
  await append(tx, AgreementActivated, verbs.ids.next('evt'), {
    id: row.id,
    version: row.version,
    digest: row.digest,
    parties: [...row.parties],
    evidence: {
      region: evidence?.region ?? null,
      cosigning: evidence?.cosigning ?? 'both',
      retentionSeconds: evidence?.retentionSeconds ?? null,
    },
    endsAt: row.document.endsAt,
  });
  // An act on the agreement outlives the version it was made under.
  return settleStatus(tx, verbs, { ...row, status: 'active' }, null, now);
}

/** Moves the version in force to where its acts and the time say it stands. Returns it as it then is. */
export async function settleStatus(
  tx: Tx,
  verbs: Verbs,
  row: AgreementRow,
  act: Digest | null,
  now: Instant,
): Promise<AgreementRow> {
  const status = statusByActs(row.document, await heldOn(tx, row), now);
  if (status === row.status || !mayBecome<AgreementStatus>(AGREEMENT_TRANSITIONS, row.status, status)) return row;
  await moveTo(tx, row, status);
  // An act has a record of its own; what time moves would have none.
  if (act === null) {
    const outcome = status === 'active' ? 'change' : 'cut';
    await record(tx, verbs.ids, { ...about(row, now), kind: KIND_OF[status], outcome });
  }
  await append(tx, AgreementStatusChanged, verbs.ids.next('evt'), { id: row.id, version: row.version, status, act });
  return { ...row, status };
}

const KIND_OF = {
  active: 'agreement.resumed',
  suspended: 'agreement.suspended',
  terminating: 'agreement.terminated',
  ended: 'agreement.ended',
} as const satisfies Record<ReturnType<typeof statusByActs>, EvidenceKind>;

/** Every act held on an agreement, as the rules read it. */
export const heldOn = async (tx: Tx, { id }: Pick<AgreementRow, 'id'>): Promise<readonly HeldAct[]> =>
  (await actsOn(tx, id)).map(({ act, digest, signers, heldAt }) => ({
    ...{ act: act.document, digest, signers },
    heldSince: heldAt,
  }));

/** What every record about a version says. */
export const about = (row: Pick<AgreementRow, 'id' | 'digest'>, now: Instant) => ({
  log: row.id,
  at: now,
  agreement: row.digest,
  documents: [row.digest],
});

/** The version again, with what this transaction has added to it. */
export const reread = async (tx: Tx, row: AgreementRow): Promise<AgreementRow> =>
  (await versionOfDigest(tx, row.id, row.digest)) ?? (await newestVersion(tx, row.id)) ?? row;
