import type { agreementView } from '@interlock/contracts';
import type { z } from 'zod';
import type { AgreementRow } from '../store/agreement.store.js';

export type AgreementView = z.output<typeof agreementView>;

/** A version as a party reads it, with every signature it has. */
export const presentAgreement = (row: AgreementRow): AgreementView => ({
  id: row.id,
  version: row.version,
  digest: row.digest,
  status: row.status,
  agreement: { document: row.document, signatures: row.signatures.map((one) => one.block) },
});
