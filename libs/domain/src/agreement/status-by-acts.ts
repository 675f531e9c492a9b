import { endOfNotice, type HeldAct, liftedBy } from '../act/standing.js';
import type { Agreement } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import type { AgreementStatus } from './life-cycle.js';

/**
 * Where a version that was activated stands, by its own end and by the acts on the whole agreement that are held: the narrowest of what they
 * say. Acts are a set, so their order changes nothing.
 */
export function statusByActs(
  agreement: Agreement,
  acts: readonly HeldAct[],
  now: Instant,
): Extract<AgreementStatus, 'active' | 'suspended' | 'terminating' | 'ended'> {
  const parties = agreement.parties.map((party) => party.organisation);
  const onAgreement = acts.filter(
    ({ act }) =>
      act.agreementId === agreement.id &&
      parties.includes(act.organisation) &&
      act.target.kind === 'agreement' &&
      act.target.id === agreement.id,
  );
  const revoked = onAgreement.some(({ act }) => act.verb === 'revoke');
  const terminations = onAgreement.filter(({ act }) => act.verb === 'terminate');
  if (revoked || now >= agreement.endsAt) return 'ended';
  if (terminations.some(({ act }) => now >= endOfNotice(act, agreement))) return 'ended';
  if (terminations.length > 0) return 'terminating';
  const suspended = onAgreement.some((held) => held.act.verb === 'suspend' && !liftedBy(held, acts, agreement));
  return suspended ? 'suspended' : 'active';
}
