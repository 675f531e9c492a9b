import { type AskOf, type ChainDocuments, type ListGrants, MOST_SIGNALS, type RefusalCode } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type GrantId, type OrganisationId, refuse } from '@interlock/domain';
import { askedGrants, dormantUnder, findGrant, flowsUnder, visibleGrants } from '../store/grant.store.js';
import { signalsUnder } from '../store/signal.store.js';
import { heldUnder } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import { chainOfRow } from './chain-of.js';
import { type GrantView, presentGrant } from './present-grant.js';
import { materialOf, proofsOfHeld } from './proofs-of-ended-keys.js';

export const listGrants = (
  verbs: Verbs,
  { organisation, ...page }: AskOf<typeof ListGrants>,
): Promise<{ grants: GrantView[]; next: string | undefined }> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    const { rows, next } = await visibleGrants(tx, page);
    return { grants: rows.map(presentGrant), next };
  });

/** Names of the grants that are asked for under agreements of an organisation. */
export const listWaiting = (verbs: Verbs, organisation: OrganisationId): Promise<{ asked: GrantId[] }> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return { asked: await askedGrants(tx) };
  });

const visible = (verbs: Verbs, organisation: OrganisationId, id: GrantId) =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return findGrant(tx, id);
  });

export async function readGrant(
  verbs: Verbs,
  organisation: OrganisationId,
  id: GrantId,
): Promise<Decision<GrantView, RefusalCode>> {
  const row = await visible(verbs, organisation, id);
  return row ? allow(presentGrant(row)) : refuse('not_a_party');
}

/** Everything a verifier needs to follow a grant from pinned roots, with the signatures it has now. */
export async function readChain(
  verbs: Verbs,
  organisation: OrganisationId,
  id: GrantId,
): Promise<Decision<ChainDocuments, RefusalCode>> {
  const found = await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    const row = await findGrant(tx, id);
    return row && { row, acts: (await heldUnder(tx, row.agreementId, verbs.clock.now(), [])).acts };
  });
  if (!found) return refuse('not_a_party');
  const { row, acts } = found;
  if (row.document.typ === 'standing-approval') return refuse('outside_grant', { clause: 'standing-approval' });
  const material = await materialOf(verbs, organisation, row, acts, {
    subjects: row.document.subjects,
    owner: row.owner,
    resources: row.document.resources.map((resource) => resource.id),
  });
  return material.allowed ? allow(chainOfRow(row, material.value)) : material;
}

/** The grants' part of what an enforcement point should hold of one agreement; empty for who is not party to it. */
export async function readStanding(verbs: Verbs, organisation: OrganisationId, agreementId: AgreementId) {
  const found = await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    const now = verbs.clock.now();
    const held = await heldUnder(tx, agreementId, now);
    const ended = held.acts.some(({ act: { document } }) => document.target.kind === 'key' && document.target.ended);
    const flows = await flowsUnder(tx, agreementId, now);
    const signals = await signalsUnder(tx, agreementId, 16 * MOST_SIGNALS);
    return { ...held, flows, signals, dormant: ended ? await dormantUnder(tx, agreementId, now) : [] };
  });
  const { acts, statusLists, verdicts, flows, dormant, signals } = found;
  const proofs = await proofsOfHeld(verbs, organisation, agreementId, [...flows, ...dormant], acts);
  return {
    acts: acts.map((row) => row.act),
    statusLists: [...statusLists],
    verdicts: [...verdicts],
    flows: flows.flatMap(({ document, signatures }) => (document.typ === 'grant' ? [{ document, signatures }] : [])),
    ...(proofs.length > 0 && { proofs: [...proofs] }),
    ...(signals.length > 0 && { signals }),
  };
}
