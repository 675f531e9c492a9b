import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { RefusalCode } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type Decision,
  type Digest,
  type Instant,
  keepsEvidenceOf,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import {
  type AgreementRow,
  insertVersion,
  lockAgreement,
  newestVersion,
  versionOfDigest,
} from '../store/agreement.store.js';
import { draftIsProposed } from '../store/draft.store.js';
import { record } from '../store/evidence.store.js';
import type { Verbs } from '../verbs.js';
import { type AgreementView, presentAgreement } from './present-agreement.js';
import { claimedSigners } from './rings.js';
import { about, isOpen, supersede, winnerWords } from './settle-agreement.js';
import { addSignatures, announce } from './sign-agreement.command.js';

/** Rolls back what a refused proposal had written. */
class Unproposed extends Error {
  constructor(readonly decision: Decision<never, RefusalCode>) {
    super('not proposed');
  }
}

/**
 * Proposes a version, signed by the proposer and perhaps by others. A version follows the newest one by number and digest; of two proposals
 * of one version the first wins and the other must be read against it. A proposal that follows an unsigned one replaces it.
 */
export async function proposeAgreement(
  verbs: Verbs,
  organisation: OrganisationId,
  agreement: Signed<Agreement>,
): Promise<Decision<AgreementView, RefusalCode>> {
  const { document } = agreement;
  const parties = document.parties.map((party) => party.organisation);
  if (!parties.includes(organisation)) return refuse('not_a_party');
  if (new Set(parties).size !== parties.length) return refuse('agreement_incoherent', { clause: 'parties' });
  // Before anything is written: that it was proposed would be evidence too.
  const here = keepsEvidenceOf(document, verbs.evidencePlace);
  if (!here.allowed) return here;
  if (!claimedSigners(agreement.signatures).issuers.includes(organisation)) {
    return refuse('signature_missing', { clause: 'agreement' });
  }
  const now = verbs.clock.now();
  try {
    const decision = await verbs.transactor.run((tx) => propose(tx, verbs, organisation, agreement, now));
    if (!decision.allowed) return decision;
    announce(verbs, decision.value);
    return allow(presentAgreement(decision.value));
  } catch (thrown) {
    if (thrown instanceof Unproposed) return thrown.decision;
    throw thrown;
  }
}

async function propose(
  tx: Tx,
  verbs: Verbs,
  organisation: OrganisationId,
  agreement: Signed<Agreement>,
  now: Instant,
): Promise<Decision<AgreementRow, RefusalCode>> {
  const { document } = agreement;
  const digest = digestOf(document);
  await tx.actFor(organisation);
  await lockAgreement(tx, document.id);
  const again = await versionOfDigest(tx, document.id, digest);
  if (again) return isOpen(again.status) ? sign(tx, verbs, again, agreement, now) : allow(again);
  const newest = await newestVersion(tx, document.id);
  const fault = sequenceFault(document, newest);
  if (fault) {
    const isOfPlace = fault !== 'agreement_incoherent' && newest;
    return refuse(fault, { clause: isOfPlace ? winnerWords(newest) : 'agreement' });
  }
  await tx.actFor(EVERY_ORGANISATION);
  if (!(await insertVersion(tx, document, digest, organisation, now))) {
    await tx.actFor(organisation);
    // The winner may be a stranger's agreement under the same id: then there is nothing here for this caller.
    const winner = await newestVersion(tx, document.id);
    return winner ? refuse('version_superseded', { clause: winnerWords(winner) }) : refuse('not_a_party');
  }
  await tx.actFor(organisation);
  await draftIsProposed(tx, digest);
  await tx.actFor(EVERY_ORGANISATION);
  const row = await versionOfDigest(tx, document.id, digest);
  if (!row) throw new Error('a version that was just inserted is not there');
  // What all have signed waits for its day: one side's next wish does not undo it.
  if (newest?.status === 'proposed') await supersede(tx, verbs, { lost: newest, winner: row }, now);
  await record(tx, verbs.ids, { ...about(row, now), kind: 'agreement.proposed', outcome: 'change', organisation });
  const signed = await sign(tx, verbs, row, agreement, now);
  // A version the proposer did not validly sign was never proposed; one that was refused as a whole stays, as evidence.
  if (!signed.allowed && isOpen((await versionOfDigest(tx, row.id, digest))?.status ?? 'refused'))
    throw new Unproposed(signed);
  return signed;
}

async function sign(
  tx: Tx,
  verbs: Verbs,
  row: AgreementRow,
  agreement: Signed<Agreement>,
  now: Instant,
): Promise<Decision<AgreementRow, RefusalCode>> {
  await tx.actFor(EVERY_ORGANISATION);
  return addSignatures(tx, verbs, row, agreement.signatures, now);
}

function sequenceFault(document: Agreement, newest: AgreementRow | undefined): RefusalCode | undefined {
  if (!newest) return document.version === 1 && document.previous === null ? undefined : 'reference_dangling';
  if (document.version < newest.version) return 'version_replayed';
  if (document.version === newest.version) return 'version_superseded';
  const follows = document.version === newest.version + 1 && document.previous === (newest.digest as Digest);
  if (!follows) return 'reference_dangling';
  const same =
    document.house === newest.document.house &&
    [...newest.parties].sort().join() ===
      document.parties
        .map((party) => party.organisation)
        .sort()
        .join();
  // Who leaves or joins would not have been asked by the others' signatures alone: that is a new agreement.
  return same && newest.status !== 'ended' ? undefined : 'agreement_incoherent';
}
