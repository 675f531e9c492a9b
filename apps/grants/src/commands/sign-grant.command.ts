import { append, EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { GrantActivated, type RefusalCode } from '@interlock/contracts';
import {
  allow,
  approversSaid,
  type Decision,
  type Digest,
  type GrantId,
  type Instant,
  type OrganisationId,
  refuse,
  type SignatureBlock,
} from '@interlock/domain';
import { signatureDigest } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import { findGrant, type GrantRow, holdAbove, insertSignatures, lockGrant, moveTo } from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';
import { announceGrant } from './announce-grant.js';
import type { Weighed } from './closed-to.js';
import { type Material, readMaterial } from './material.js';
import { type GrantView, presentGrant } from './present-grant.js';
import { withStrikes } from './struck-members.js';
import { weighRight } from './weigh-right.js';

export interface SignAsk {
  readonly organisation: OrganisationId;
  readonly id: GrantId;
  readonly digest: Digest;
  readonly signatures: readonly SignatureBlock[];
}

/** Adds signatures to a grant that is asked for; the last one that was missing makes it active. */
export async function signGrant(verbs: Verbs, ask: SignAsk): Promise<Decision<GrantView, RefusalCode>> {
  const seen = await verbs.transactor.run(async (tx) => {
    await tx.actFor(ask.organisation);
    return findGrant(tx, ask.id);
  });
  if (!seen || seen.digest !== ask.digest) return refuse('not_a_party');
  const material = await readMaterial(verbs, ask.organisation, seen.agreementId, {
    // With those it has: another approver may sign at this moment, and the last of the two must see both.
    blocks: [...ask.signatures, ...seen.signatures, ...seen.above.flatMap((one) => one.signatures)],
    subjects: seen.document.subjects,
    owner: seen.owner,
  });
  if (!material.allowed) return material;
  const held = await withStrikes(verbs, seen.document, material.value);
  const now = verbs.clock.now();
  const decision = await verbs.transactor.run(async (tx): Promise<Decision<GrantRow | 'again', RefusalCode>> => {
    await tx.actFor(ask.organisation);
    const row = await lockGrant(tx, ask.id);
    if (!row) return refuse('not_a_party');
    if (row.status !== 'asked') return row.status === 'active' ? allow(row) : refuse('illegal_transition');
    if (row.signatures.length !== seen.signatures.length) return allow('again');
    await tx.actFor(EVERY_ORGANISATION);
    return addSignatures(tx, verbs, row, ask, held, now);
  });
  if (!decision.allowed) return decision;
  if (decision.value === 'again') return signGrant(verbs, ask);
  announceGrant(verbs, decision.value);
  return allow(presentGrant(decision.value));
}

async function addSignatures(
  tx: Tx,
  verbs: Verbs,
  row: GrantRow,
  ask: SignAsk,
  material: Material,
  now: Instant,
): Promise<Decision<GrantRow, RefusalCode>> {
  const blocks = [
    ...row.signatures,
    ...ask.signatures.filter((block) => !row.signatures.some((had) => same(had, block))),
  ];
  const dead = row.above.length > 0 && !(await holdAbove(tx, row));
  const weighed = dead
    ? refuse('taken_away' as const, { clause: 'parent' })
    : blocks.length > 32
      ? refuse('malformed' as const)
      : await weighRight(verbs, row, blocks, material, now);
  if (weighed.allowed) return keepSignatures(tx, verbs, row, weighed.value, now);
  const { code, clause } = weighed.refusal;
  await record(tx, verbs.ids, {
    ...about(row, now),
    kind: 'grant.refused',
    outcome: 'deny',
    organisation: ask.organisation,
    code,
    clause: clause ?? null,
  });
  return weighed;
}

const same = (a: SignatureBlock, b: SignatureBlock): boolean =>
  a.signature === b.signature && a.protected === b.protected;

/** Keeps verified signatures and activates the grant if nothing is missing. The caller holds the lock on the grant. */
export async function keepSignatures(
  tx: Tx,
  verbs: Verbs,
  row: GrantRow,
  weighed: Weighed,
  now: Instant,
): Promise<Decision<GrantRow, RefusalCode>> {
  for (const made of await insertSignatures(tx, row.id, weighed.made)) {
    if (made.purpose !== 'approve') continue;
    await record(tx, verbs.ids, {
      ...about(row, now),
      kind: 'grant.approved',
      outcome: 'change',
      organisation: made.organisation,
      ...approversSaid(
        weighed.approvers.filter((one) => one.organisation === made.organisation && one.id === made.holder),
      ),
      signatures: [signatureDigest(made.block)],
    });
  }
  if (weighed.whole) await activate(tx, verbs, row, weighed, now);
  return allow((await findGrant(tx, row.id)) ?? row);
}

async function activate(tx: Tx, verbs: Verbs, row: GrantRow, weighed: Weighed, now: Instant): Promise<void> {
  await moveTo(tx, row.id, 'active');
  await record(tx, verbs.ids, {
    ...about(row, now),
    kind: 'grant.activated',
    outcome: 'change',
    organisation: row.owner,
    ...approversSaid(weighed.approvers),
  });
  await append(tx, GrantActivated, verbs.ids.next('evt'), {
    id: row.id,
    digest: row.digest,
    agreementId: row.agreementId,
    agreement: row.document.agreement,
    kind: row.document.kind,
    owner: row.owner,
    subjectSide: row.subjectSide,
    parties: [...row.parties],
    resources: [...row.document.resources],
    actions: [...row.document.actions],
  });
}

/** What every record about a grant says. */
export const about = (row: Pick<GrantRow, 'agreementId' | 'digest' | 'document' | 'above'>, now: Instant) => ({
  log: row.agreementId,
  at: now,
  agreement: row.document.agreement,
  grant: row.digest,
  subject: row.document.subjects.length === 1 ? (row.document.subjects[0] ?? null) : null,
  resource: row.document.resources.length === 1 ? (row.document.resources[0] ?? null) : null,
  documents: [row.document.agreement, ...row.above.map((one) => one.digest), row.digest],
  purpose: row.document.purpose,
  ...(row.document.ticket && { ticket: row.document.ticket }),
  ...delegatorsOf(row),
});

/** Who handed a right on, in every record about it. */
export function delegatorsOf({ document, above }: Pick<GrantRow, 'document' | 'above'>) {
  const handed = [...above.map((one) => one.document), document].filter((one) => one.typ === 'delegation');
  return handed.length > 0 ? { delegators: handed.map((one) => one.requester) } : {};
}
