import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { deliveryWords, type RefusalCode } from '@interlock/contracts';
import {
  type Act,
  type ActVerb,
  allow,
  clauseOf,
  type Decision,
  type Digest,
  type EvidenceKind,
  type Instant,
  MOST_NARROWINGS,
  type Narrowing,
  narrowedVersions,
  narrowingsOf,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { verifyAct } from '@interlock/proof';
import { type AgreementRow, actIsHeld, insertAct, lockAgreement, versionThatCounts } from '../store/agreement.store.js';
import { record } from '../store/evidence.store.js';
import type { Verbs } from '../verbs.js';
import { pinsOf, ringFor } from './rings.js';
import { about, heldOn, isOpen, settleStatus } from './settle-agreement.js';

const kindOf = ({ verb, target }: Act): EvidenceKind =>
  target.kind === 'annex' ? 'annex.withdrawn' : target.kind === 'resource' ? 'resource.withdrawn' : EVIDENCE[verb];

const EVIDENCE: Readonly<Record<ActVerb, EvidenceKind>> = {
  suspend: 'agreement.suspended',
  narrow: 'agreement.narrowed',
  resume: 'agreement.resumed',
  terminate: 'agreement.terminated',
  revoke: 'agreement.terminated',
};

/**
 * Takes an act on a whole agreement, on an annex or on a resource under it: stored and evidenced in one transaction, then pushed to the gateways and agents of all parties
 * before anything else is done. Handing in one act again pushes it again.
 */
export async function handInAct(
  verbs: Verbs,
  organisation: OrganisationId,
  act: Signed<Act>,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  const now = verbs.clock.now();
  const { document } = act;
  const taken = await verbs.transactor.run(async (tx): Promise<Decision<Taken, RefusalCode>> => {
    await tx.actFor(organisation);
    await lockAgreement(tx, document.agreementId);
    const row = await versionThatCounts(tx, document.agreementId);
    if (!row?.parties.includes(document.organisation)) return refuse('not_a_party');
    if (!mayBeHere(document)) return refuse('malformed', { clause: 'act target' });
    if (isOpen(row.status) || row.status === 'refused') return refuse('illegal_transition');
    await tx.actFor(EVERY_ORGANISATION);
    return keep(tx, verbs, row, act, now);
  });
  if (!taken.allowed) return taken;
  const { parties, digest } = taken.value;
  for (const party of parties) {
    verbs.news.deliver(deliveryWords(party, 'gateway'), { d: 'frame', frame: { t: 'act', act } });
    verbs.news.deliver(deliveryWords(party, 'agent'), { d: 'frame', frame: { t: 'act', act } });
  }
  return allow({ digest });
}

/** Acts on the agreement itself, on an annex of it, and on a resource of the signer's own. The two latter can only be taken away. */
const mayBeHere = ({ target, verb, agreementId }: Act): boolean =>
  target.kind === 'agreement'
    ? target.id === agreementId
    : verb === 'revoke' && (target.kind === 'annex' || target.kind === 'resource');

/** What was taken away, by its names in the version. */
const partsOf = ({ strike, instead }: Narrowing): string =>
  [
    ...[...strike.resources, ...instead.resources].map(({ owner, id }) => `${owner}/${id}`),
    ...strike.clauses,
    ...instead.terms.map(clauseOf),
  ].join(', ');

interface Taken {
  readonly digest: Digest;
  readonly parties: readonly OrganisationId[];
}

async function keep(
  tx: Tx,
  verbs: Verbs,
  row: AgreementRow,
  act: Signed<Act>,
  now: Instant,
): Promise<Decision<Taken, RefusalCode>> {
  const ring = await ringFor(tx, verbs, await pinsOf(tx, row.parties), row.document, act.signatures, now);
  if (!ring.allowed) return ring;
  const held = await verifyAct(act, ring.value, row.document, now);
  if (!held.allowed) return held;
  const taken = { digest: held.value.digest, parties: row.parties };
  const { narrows } = act.document;
  if (narrows && !(await actIsHeld(tx, held.value.digest))) {
    // A narrowing of a version that is over, or that nobody knows, would be kept for ever and take nothing away.
    if (narrows.version !== row.digest) return refuse('version_superseded', { clause: 'act' });
    const standing = narrowedVersions(row.document, row.digest, await heldOn(tx, row));
    if (narrowingsOf(standing, act.document.organisation) >= MOST_NARROWINGS)
      return refuse('rate_limited', { clause: 'narrowings' });
  }
  if (!(await insertAct(tx, held.value, act, row.parties, now))) return allow(taken);
  const { verb, organisation, target } = act.document;
  await record(tx, verbs.ids, {
    ...about(row, now),
    kind: kindOf(act.document),
    resource: target.kind === 'resource' ? { owner: organisation, id: target.id } : null,
    clause: target.kind === 'annex' ? target.id : act.document.narrows ? partsOf(act.document.narrows) : null,
    outcome: verb === 'resume' ? 'change' : 'cut',
    organisation,
    code: verb,
    documents: [row.digest, taken.digest],
  });
  await settleStatus(tx, verbs, row, taken.digest, now);
  return allow(taken);
}
