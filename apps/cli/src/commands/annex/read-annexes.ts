import { standing } from '@interlock/contracts';
import {
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  type HeldAct,
  type HeldAnnex,
  type Instant,
  refuse,
  withdrawnAt,
} from '@interlock/domain';
import { trust, verifyAct, verifyAgreement, verifyAnnex } from '@interlock/proof';
import type { CompanyBroker } from '../company-broker.js';
import { waitingFor } from '../perform.js';

/** What hangs on an agreement, as it verified here. */
export interface ReadAnnexes {
  readonly agreement: Agreement;
  readonly annexes: readonly HeldAnnex[];
  readonly acts: readonly HeldAct[];
  /** How many the broker showed that count for nobody: their signatures do not verify. */
  readonly unverified: number;
}

/** Reads the annexes of an agreement from the broker and verifies each under the pins; one that does not verify is counted and left out. */
export async function readAnnexes(company: CompanyBroker, id: AgreementId): Promise<Decision<ReadAnnexes>> {
  const read = await waitingFor('asking the broker', company.broker.get(`/v1/agreements/${id}/standing`, standing));
  if (!read.allowed) return read;
  const { entities, certificates, agreement, acts: shownActs, annexes: shown } = read.value;
  if (agreement.document.id !== id) return refuse('malformed', { clause: 'agreement' });
  const now = company.now();
  const ring = await trust(entities, certificates, company.pins, now);
  if (!ring.allowed) return ring;
  const verified = await verifyAgreement(
    agreement,
    ring.value,
    company.pins,
    Math.min(now, agreement.document.endsAt - 1),
  );
  if (!verified.allowed) return verified;
  const [annexes, acts]: [HeldAnnex[], HeldAct[]] = [[], []];
  for (const one of shown) {
    const held = await verifyAnnex(one, ring.value, agreement.document, now);
    if (held.allowed) annexes.push(held.value);
  }
  for (const one of shownActs) {
    const held = await verifyAct(one, ring.value, agreement.document, now);
    if (held.allowed) acts.push(held.value);
  }
  return allow({ agreement: agreement.document, annexes, acts, unverified: shown.length - annexes.length });
}

export type AnnexState = 'counts' | 'not yet' | 'withdrawn' | 'over';

/** Whether an annex with dates counts by itself now. A withdrawn one may still carry a term for as long as the term warns. */
export function stateOfAnnex(
  { annex, digest }: HeldAnnex,
  { agreement, acts }: Pick<ReadAnnexes, 'agreement' | 'acts'>,
  now: Instant,
): AnnexState {
  if (withdrawnAt(digest, agreement, acts) !== undefined) return 'withdrawn';
  if ('validUntil' in annex && annex.validUntil <= now) return 'over';
  return 'validFrom' in annex && annex.validFrom > now ? 'not yet' : 'counts';
}
