import type { AskOf, ListAgreements } from '@interlock/contracts';
import type { AgreementId, OrganisationId } from '@interlock/domain';
import { type AgreementRow, partiesOf, visibleAgreements, waitingFor } from '../store/agreement.store.js';
import type { Verbs } from '../verbs.js';

/** What an organisation is party to, one page of it. */
export const listAgreements = (
  verbs: Verbs,
  { organisation, limit, after }: AskOf<typeof ListAgreements>,
): Promise<{ rows: AgreementRow[]; next: string | undefined }> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return visibleAgreements(tx, limit, after);
  });

/** Names of what an organisation must not miss for having been away. */
export const listWaiting = (
  verbs: Verbs,
  organisation: OrganisationId,
): Promise<{ inForce: AgreementId[]; proposed: AgreementId[] }> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return waitingFor(tx, organisation);
  });

/** The parties of those agreements that this organisation is party to; undefined if it is not party to one of them. */
export const readParties = (
  verbs: Verbs,
  organisation: OrganisationId,
  ids: readonly AgreementId[],
): Promise<{ id: AgreementId; parties: OrganisationId[] }[] | undefined> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    const rows = await partiesOf(tx, ids);
    return rows.length === new Set(ids).size ? rows : undefined;
  });
