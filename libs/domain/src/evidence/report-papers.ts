import type { HeldAct } from '../act/standing.js';
import { annexesOf, withdrawnAt } from '../annex/held.js';
import type { Agreement } from '../documents/agreement.js';
import type { HeldAnnex } from '../documents/annex.js';
import type { Instant } from '../instant.js';
import type { Digest, OrganisationId } from '../names.js';

/** From, and before. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

/** What hangs on the agreement, as it verified where the report is made. */
export interface ReportPapers {
  readonly agreement: Agreement;
  readonly annexes: readonly HeldAnnex[];
  readonly acts: readonly HeldAct[];
}

/** A deviation that both signed and that counted at some time of the period. */
export interface OpenException {
  readonly digest: Digest;
  readonly control: string;
  readonly organisation: OrganisationId;
  readonly acceptedBy: OrganisationId;
  readonly owner: string;
  readonly reason: string;
  readonly compensation: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
}

/** An attestation, or the other side's acceptance of it, that stopped counting in the period. */
export interface Lapse {
  readonly digest: Digest;
  readonly kind: 'attestation' | 'acceptance';
  /** Null for an acceptance of an attestation that is not held. */
  readonly control: string | null;
  readonly organisation: OrganisationId;
  readonly at: Instant;
  readonly because: 'over' | 'withdrawn';
}

export function openExceptions({ agreement, annexes, acts }: ReportPapers, period: Period): readonly OpenException[] {
  return annexesOf(annexes, 'exception')
    .map(({ annex, digest }) => {
      const { control, organisation, acceptedBy, owner, reason, compensation, validFrom } = annex;
      const validUntil = Math.min(annex.validUntil, withdrawnAt(digest, agreement, acts) ?? annex.validUntil);
      return { digest, control, organisation, acceptedBy, owner, reason, compensation, validFrom, validUntil };
    })
    .filter(({ validFrom, validUntil }) => validFrom < period.to && validUntil > period.from)
    .sort((a, b) => a.validUntil - b.validUntil);
}

export function lapsesOf({ agreement, annexes, acts }: ReportPapers, period: Period): readonly Lapse[] {
  const attestations = annexesOf(annexes, 'attestation');
  const controls = new Map(attestations.map(({ annex, digest }) => [digest, annex.control]));
  return [...attestations, ...annexesOf(annexes, 'acceptance')]
    .map(({ annex, digest }): Lapse => {
      const withdrawn = withdrawnAt(digest, agreement, acts) ?? Number.POSITIVE_INFINITY;
      const control = annex.typ === 'attestation' ? annex.control : (controls.get(annex.attestation) ?? null);
      const because = withdrawn < annex.validUntil ? 'withdrawn' : 'over';
      const at = Math.min(withdrawn, annex.validUntil);
      return { digest, kind: annex.typ, control, organisation: annex.organisation, at, because };
    })
    .filter(({ at }) => at >= period.from && at < period.to)
    .sort((a, b) => a.at - b.at);
}
