import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AgreementId } from '@interlock/domain';
import { noteAgreementChange as note } from '../store/decision.store.js';

/** Has whoever answers from rights in memory look at this agreement again before its next answer. */
export async function noteAgreementChange(tx: Tx, agreement: AgreementId): Promise<void> {
  await tx.actFor(EVERY_ORGANISATION);
  await note(tx, agreement);
}
