import {
  type Instant,
  type LocalId,
  type Presenter,
  type SubjectRef,
  type Thumbprint,
  takenAwayBy,
} from '@interlock/domain';
import { type KnownKey, withoutRevoked } from '@interlock/proof';
import type { LiveFlow } from '../flow/open-flow.js';
import type { HeldAgreement } from '../standing/held-agreement.js';

const CARRIERS = new Set(['workload', 'machine']);

/** Who holds this key, as the parties of one agreement certified it and have not revoked since. */
export function presenterIn(held: HeldAgreement, leaf: Thumbprint, now: Instant): Presenter | undefined {
  const ring = withoutRevoked(held.ring, held.acts.values());
  return held.agreement.parties
    .flatMap(({ organisation }) => ring.find(organisation, leaf, 'subject'))
    .filter((key) => key.notBefore <= now && now < key.notAfter)
    .map(asPresenter)
    .find((presenter) => presenter !== undefined);
}

function asPresenter({ organisation, holder, resources }: KnownKey): Presenter | undefined {
  if (!holder || !CARRIERS.has(holder.kind)) return undefined;
  const subject: SubjectRef = { organisation, kind: holder.kind as SubjectRef['kind'], id: holder.id as LocalId };
  return { subject, resources };
}

/** Whether an act took from this presenter, or from its key, what it may do under the flow's agreement. */
export function isTakenAway(
  { judged }: LiveFlow,
  held: HeldAgreement,
  { subject }: Presenter,
  leaf: Thumbprint,
  now: Instant,
): boolean {
  const { agreement, grant, approvers } = judged.chain;
  const keys = [{ organisation: subject.organisation, thumbprint: leaf }];
  const use = { agreement, grant, subject, approvers, delegations: [], session: null, keys };
  return takenAwayBy([...held.acts.values()], use, now) !== undefined;
}
