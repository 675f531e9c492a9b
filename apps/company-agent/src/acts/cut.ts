import { act as actSchema } from '@interlock/contracts';
import {
  type Act,
  type ActTarget,
  type AgreementId,
  allow,
  type Decision,
  MOST_NARROWINGS,
  type Narrowing,
  narrowedVersions,
  narrowingFault,
  narrowingsOf,
  refuse,
  type Signed,
  type TakenPart,
  takeAway,
} from '@interlock/domain';
import { signed, verifyAct } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { inForce, learnPartners, partiesOf } from '../agreements/agreements.js';
import type { Published } from '../broker/broker-api.js';
import { heldActs } from './held-acts.js';

export interface CutWish {
  readonly verb: 'suspend' | 'narrow' | 'revoke';
  readonly agreementId: AgreementId;
  readonly target: ActTarget;
  readonly reason: string;
  /** What a `narrow` takes out of the version in force. */
  readonly narrows?: Omit<Narrowing, 'version'> | undefined;
  /** The same by the names of the parts. */
  readonly without?: readonly TakenPart[] | undefined;
}

/** A cut with everything a gateway needs to obey it, whoever carries it there. */
export interface Cut {
  readonly act: Signed<Act>;
  readonly documents: Published;
}

/**
 * Signs a narrowing act with the agent's own key. It is on this agent's disk before anybody hears of it, so that the agent's beats name it
 * from this moment on; the broker is told by the caller, and need not be there.
 */
export async function cut(agent: Agent, wish: CutWish): Promise<Decision<Cut>> {
  const known = agent.store.agreements().some(({ document }) => document.id === wish.agreementId);
  if (!known) return refuse('not_a_party');
  const narrows = narrowingNow(agent, wish);
  if (!narrows.allowed) return narrows;
  return agent.inTurn('acts', async () => {
    const before = agent.store.ownActs(wish.agreementId);
    const document: Act = {
      typ: 'act',
      v: 1,
      verb: wish.verb,
      organisation: agent.organisation,
      agreementId: wish.agreementId,
      target: wish.target,
      reason: wish.reason,
      lifts: null,
      ...(narrows.value && { narrows: narrows.value }),
      sequence: before.length + 1,
      previous: before.at(-1)?.digest ?? null,
      issuedAt: agent.now(),
    };
    const shape = actSchema.safeParse(document);
    if (!shape.success) return refuse('malformed', { clause: shape.error.issues[0]?.path.join('.') ?? 'act' });
    const act = await signed(document, agent.keys.agent, agent.now());
    const kept = await agent.store.keepAct(act, true);
    // A full disk must not keep a door open: the cut goes out, and the beats of this process name it all the same.
    if (!kept.allowed)
      agent.log.error({ event: 'act.not-kept', agreementId: wish.agreementId }, 'cut could not be kept');
    return allow({ act, documents: agent.partners.documents([agent.organisation]) });
  });
}

/** What a wish narrows, of the version in force; it is not signed unless it is provably narrower, since nobody would obey it. */
function narrowingNow(agent: Agent, wished: CutWish): Decision<Narrowing | undefined> {
  const { verb, agreementId, narrows, without } = wished;
  const said = [narrows, without].filter((one) => one !== undefined).length;
  if (said !== (verb === 'narrow' ? 1 : 0)) return refuse('malformed', { clause: 'narrows' });
  if (verb !== 'narrow') return allow(undefined);
  const known = inForce(agent, agreementId);
  if (!known) return refuse('not_a_party');
  const { document } = known.agreement;
  const wish = { ...(narrows ?? takeAway(document, without ?? [])), version: known.digest };
  const standing = narrowedVersions(document, known.digest, heldActs(agent, document));
  if (narrowingsOf(standing, agent.organisation) >= MOST_NARROWINGS)
    return refuse('rate_limited', { clause: 'narrowings' });
  const wider = narrowingFault(document, wish);
  return wider === undefined ? allow(wish) : refuse('not_narrower', { clause: wider });
}

/** Takes in an act that was signed elsewhere: a resume or terminate made offline, or an act of a partner. */
export async function takeAct(agent: Agent, act: Signed<Act>): Promise<Decision<Cut>> {
  const agreement = agent.store
    .agreements()
    .filter(({ document }) => document.id === act.document.agreementId)
    .sort((a, b) => b.document.version - a.document.version)[0]?.document;
  if (!agreement) return refuse('not_a_party');
  const verify = async () => {
    const ring = await agent.partners.ring(partiesOf(agreement), agent.now());
    return ring.allowed ? verifyAct(act, ring.value, agreement, agent.now()) : ring;
  };
  let verified = await verify();
  if (!verified.allowed && ['unknown_key', 'wrong_purpose'].includes(verified.refusal.code)) {
    // The key may be newer than what this agent last fetched of the partner.
    await learnPartners(agent, partiesOf(agreement));
    verified = await verify();
  }
  if (!verified.allowed) return verified;
  const kept = await agent.inTurn('acts', () => agent.store.keepAct(act, true));
  if (!kept.allowed) return kept;
  return allow({ act, documents: agent.partners.documents(partiesOf(agreement)) });
}
