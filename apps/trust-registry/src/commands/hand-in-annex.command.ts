import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { MOST_ANNEXES, type RefusalCode } from '@interlock/contracts';
import {
  type Agreement,
  type AgreementId,
  type Annex,
  allow,
  authorOf,
  type Decision,
  type Digest,
  equivalenceTerms,
  type HeldAnnex,
  type Instant,
  type OrganisationId,
  refuse,
  type Signed,
  shareOfAnnexes,
} from '@interlock/domain';
import { verifyAnnex } from '@interlock/proof';
import { type AgreementRow, lockAgreement, versionThatCounts } from '../store/agreement.store.js';
import { type AnnexEnd, annexIsHeld, countAnnexes, insertAnnex } from '../store/annex.store.js';
import { record } from '../store/evidence.store.js';
import type { Verbs } from '../verbs.js';
import { referenceFault } from './check-references.js';
import { followMachine } from './follow-machine.js';
import { pinsOf, ringFor } from './rings.js';
import { about, isOpen } from './settle-agreement.js';
import { announce } from './sign-agreement.command.js';

/**
 * Takes a document that hangs on an agreement: verified, stored and evidenced in one transaction; then the gateways of all parties take a fresh
 * standing. Handing one in again changes nothing and tells them again.
 */
export async function handInAnnex(
  verbs: Verbs,
  organisation: OrganisationId,
  agreementId: AgreementId,
  annex: Signed<Annex>,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  const now = verbs.clock.now();
  const taken = await verbs.transactor.run(async (tx): Promise<Decision<Taken, RefusalCode>> => {
    await tx.actFor(organisation);
    await lockAgreement(tx, agreementId);
    const row = await versionThatCounts(tx, agreementId);
    if (!row?.parties.includes(organisation)) return refuse('not_a_party');
    if (isOpen(row.status) || row.status === 'refused') return refuse('illegal_transition');
    if (row.status === 'ended') return refuse('agreement_over');
    await tx.actFor(EVERY_ORGANISATION);
    return keep(tx, verbs, row, annex, now);
  });
  if (!taken.allowed) return taken;
  announce(verbs, taken.value.row);
  return allow({ digest: taken.value.digest });
}

interface Taken {
  readonly row: AgreementRow;
  readonly digest: Digest;
}

async function keep(
  tx: Tx,
  verbs: Verbs,
  row: AgreementRow,
  annex: Signed<Annex>,
  now: Instant,
): Promise<Decision<Taken, RefusalCode>> {
  const { document } = annex;
  const owners = document.typ === 'machine-transfer' ? [document.from.owner, document.to.owner] : [];
  const pins = await pinsOf(tx, [...new Set([...row.parties, ...owners])]);
  const ring = await ringFor(tx, verbs, pins, row.document, annex.signatures, now);
  if (!ring.allowed) return ring;
  const held = await verifyAnnex(annex, ring.value, row.document, now);
  if (!held.allowed) return held;
  // An enforcement point needs the old owner alone; what is kept as evidence for both was signed by both.
  if (!owners.every((owner) => held.value.signers.includes(owner)))
    return refuse('signature_missing', { clause: document.typ });
  const { digest } = held.value;
  if (await annexIsHeld(tx, row.id, digest)) return allow({ row, digest });
  // Its wait is counted from when it was signed: one dated back would leave the other side no time to withdraw it.
  if (document.typ === 'insolvency-notice' && document.issuedAt < now - FRESH)
    return refuse('malformed', { clause: 'issuedAt' });
  if ((await countAnnexes(tx, row.id, authorOf(document))) >= shareOfAnnexes(MOST_ANNEXES, row.document))
    return refuse('rate_limited', { clause: 'annexes' });
  const broken = await referenceFault(tx, row.id, document);
  if (broken) return broken;
  const follows = await followMachine(tx, held.value);
  if (follows) return refuse(follows, { clause: document.typ });
  await insertAnnex(tx, row.id, held.value, annex, { parties: row.parties, end: endOf(held.value, row.document), now });
  await record(tx, verbs.ids, {
    ...about(row, now),
    kind: 'annex.taken',
    outcome: 'change',
    organisation: held.value.signers[0] ?? null,
    resource: resourceOf(document),
    code: document.typ,
    clause: 'control' in document ? document.control : null,
    documents: [row.digest, digest],
  });
  return allow({ row, digest });
}

/** How long a notice may be under way from its signer. Milliseconds. */
const FRESH = 86_400_000;

const resourceOf = (document: Annex) =>
  document.typ === 'machine-record' ? document.resource : document.typ === 'machine-transfer' ? document.from : null;

/** How long before an end both are told of it, where no term says: two weeks, in milliseconds. */
const WARN_BEFORE = 14 * 86_400_000;

/** When an annex ends by itself, and when both are to be warned; null where it has no end. */
function endOf({ annex }: HeldAnnex, agreement: Agreement): AnnexEnd | null {
  if (!('validUntil' in annex)) return null;
  const control = 'control' in annex ? annex.control : undefined;
  const term = equivalenceTerms(agreement).find(
    (one) => one.party === annex.organisation && (control === undefined || one.control === control),
  );
  const before = term ? term.warnSeconds * 1000 : WARN_BEFORE;
  const clause = control === undefined ? annex.typ : `equivalence ${annex.organisation} ${control}`;
  return { clause, warnAt: Math.max(0, annex.validUntil - before), endsAt: annex.validUntil };
}
