import type { draftView, RefusalCode } from '@interlock/contracts';
import { type Agreement, type AgreementId, allow, type Decision, type OrganisationId, refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { z } from 'zod';
import { newestVersion } from '../store/agreement.store.js';
import { type DraftRow, discardDraft, draftsOf, writeDraft } from '../store/draft.store.js';
import type { Verbs } from '../verbs.js';
import { winnerWords } from './settle-agreement.js';

type DraftView = z.output<typeof draftView>;

/** More than this of one company are not kept: keeping one needs nobody's yes. */
const MOST_DRAFTS = 100;

const present = ({ document, ...row }: DraftRow): DraftView => ({ ...row, agreement: document });

/**
 * Keeps a version that its company has not proposed, or writes over it. Nobody else learns that it exists: it is no evidence, and takes no number.
 * One whose number was proposed meanwhile is refused with the winner, as its proposal would be.
 */
export async function keepDraft(
  verbs: Verbs,
  organisation: OrganisationId,
  document: Agreement,
): Promise<Decision<DraftView, RefusalCode>> {
  if (!document.parties.some((party) => party.organisation === organisation)) return refuse('not_a_party');
  const now = verbs.clock.now();
  return verbs.transactor.run(async (tx): Promise<Decision<DraftView, RefusalCode>> => {
    await tx.actFor(organisation);
    const kept = await draftsOf(tx);
    const same = kept.find((one) => one.id === document.id && one.version === document.version);
    if (same?.status === 'proposed') return refuse('illegal_transition', { clause: 'proposed to draft' });
    const newest = await newestVersion(tx, document.id);
    if (newest && newest.version >= document.version)
      return refuse('version_superseded', { clause: winnerWords(newest) });
    const open = kept.filter(({ status }) => status === 'draft');
    if (!same && open.length >= MOST_DRAFTS)
      return refuse('rate_limited', { clause: `more than ${MOST_DRAFTS} drafts` });
    const row = await writeDraft(tx, organisation, document, digestOf(document), now);
    return row ? allow(present(row)) : refuse('illegal_transition', { clause: 'proposed to draft' });
  });
}

/** What a company has written, and what became of it. */
export const listDrafts = (verbs: Verbs, organisation: OrganisationId): Promise<DraftView[]> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return (await draftsOf(tx)).map(present);
  });

/** Throws a draft away. What was proposed stays: others know of it. */
export const dropDraft = (
  verbs: Verbs,
  organisation: OrganisationId,
  id: AgreementId,
  version: number,
): Promise<Decision<{ discarded: true }, RefusalCode>> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return (await discardDraft(tx, id, version)) ? allow({ discarded: true as const }) : refuse('not_a_party');
  });
