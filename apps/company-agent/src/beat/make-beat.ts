import { readSeen } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  type Beat,
  type Decision,
  type LocalId,
  type OrganisationId,
  refuse,
  type Signed,
  type StatusList,
} from '@interlock/domain';
import { digestOf, digestOfActs, encodeBase64, signed, thumbprintOf } from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { inForce, partiesOf } from '../agreements/agreements.js';

export interface BeatAsk {
  readonly agreementId: AgreementId;
  readonly receiver: { readonly organisation: OrganisationId; readonly id: LocalId };
  /** The receiver's own; without it a beat moves a lease at most by the time between two beats. */
  readonly nonce: string | null;
}

export interface MadeBeat {
  readonly beat: Signed<Beat>;
  readonly statusList: Signed<StatusList>;
}

export type MakeBeat = (ask: BeatAsk) => Promise<Decision<MadeBeat, 'not_a_party' | 'key_expired'>>;

/**
 * Signs "still agreed" for one receiver, naming everything it must hold: the version in force, this company's entity document, its acts
 * and its status list. Only about agreements whose every signature was verified here, only to gateways of its parties, and only as long as
 * this writer's epoch is certified.
 */
export function makeBeat(agent: Agent): MakeBeat {
  return async ({ agreementId, receiver, nonce }) => {
    const known = inForce(agent, agreementId);
    if (!known || !partiesOf(known.agreement.document).includes(receiver.organisation)) return refuse('not_a_party');
    const now = agent.now();
    const epoch = certifiedEpoch(agent, now);
    if (epoch === undefined) return refuse('key_expired', { clause: 'beat' });
    const entity = agent.company().entities.at(-1);
    if (!entity || now >= entity.document.expiresAt) return refuse('key_expired', { clause: 'entity' });
    // Read once: list and beat must speak of the same acts, whatever is signed meanwhile.
    const acts = agent.store.ownActs(agreementId);
    const { agreement } = known;
    const held = heldActs(agent, agreement.document);
    const statusList = await agent.statusList({ agreement: agreement.document, own: acts, held, now });
    const seen = readSeen(agent.dir, agreementId);
    const beat: Beat = {
      typ: 'beat',
      v: 1,
      organisation: agent.organisation,
      epoch,
      receiver,
      nonce,
      agreementId,
      agreement: known.digest,
      entity: digestOf(entity.document),
      acts: digestOfActs(acts.map(({ digest }) => digest)),
      status: digestOf(statusList.document),
      checkpoint: seen ? { size: seen.size, root: encodeBase64(seen.root) } : null,
      issuedAt: now,
    };
    return allow({ beat: await signed(beat, agent.keys.beat, now), statusList });
  };
}

/** The epoch this writer is certified for right now; undefined once the certificate has ended and nobody renewed it. */
function certifiedEpoch(agent: Agent, now: number): number | undefined {
  const { settings, certificates } = agent.company();
  const held = certificates.find(
    ({ document }) =>
      thumbprintOf(document.key) === agent.keys.beat.kid &&
      document.purposes.includes('beat') &&
      document.epoch === settings.epoch &&
      document.notBefore <= now &&
      now < document.notAfter,
  );
  return held?.document.epoch ?? undefined;
}
