import { type AgreementId, allow, type Decision } from '@interlock/domain';
import { readAgreements } from '../agreement/read-agreements.js';
import type { HistorySource } from '../company-broker.js';

/** Only what was in force has a history; a mere proposal has none that counts. */
export async function everyAgreement(company: HistorySource): Promise<Decision<readonly AgreementId[]>> {
  const read = await readAgreements(company);
  if (!read.allowed) return read;
  const known = read.value.filter(({ status }) => !['proposed', 'countersigned', 'refused'].includes(status));
  return allow([...new Set(known.map(({ agreement }) => agreement.document.id))]);
}
