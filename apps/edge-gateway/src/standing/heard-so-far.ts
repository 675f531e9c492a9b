import type { Digest, HeldAct, HeldAnnex, Lease, OrganisationId, Signal, Verdict } from '@interlock/domain';
import type { FirstHeld } from './first-held.js';
import type { HeldAgreement } from './held-agreement.js';

/** What this gateway remembers over restarts. */
export interface Remembered {
  readonly firstHeld: FirstHeld;
  readonly revoked: ReadonlySet<OrganisationId>;
}

/** The very same collections: an act that arrives by another path while these documents are verified must not be lost. */
export const heardSoFar = (before: HeldAgreement | undefined) => ({
  acts: before?.acts ?? new Map<Digest, HeldAct>(),
  verdicts: before?.verdicts ?? new Map<string, Verdict>(),
  signals: before?.signals ?? new Map<string, Signal>(),
  annexes: before?.annexes ?? new Map<Digest, HeldAnnex>(),
  statusLists: before?.statusLists ?? new Map<OrganisationId, { digest: Digest; sequence: number }>(),
  invalid: before?.invalid ?? new Set<string>(),
  leases: before?.leases ?? new Map<OrganisationId, Lease>(),
  epochs: before?.epochs ?? new Map<OrganisationId, number>(),
});
