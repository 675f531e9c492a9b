import { signedAct, signedBeat, signedSignal, signedStatusList, signedVerdict } from '@interlock/contracts';
import {
  type Act,
  type Agreement,
  allow,
  type Beat,
  believable,
  type Decision,
  type Digest,
  type HeldAct,
  type Instant,
  locksOut,
  narrowingFault,
  type OrganisationId,
  type Purpose,
  refuse,
  SIGNAL_SKEW,
  type Signal,
  type StatusList,
  type TokenStatuses,
  type Verdict,
} from '@interlock/domain';
import { digestOf } from './canonical-json.js';
import { type EnvelopeRefusal, SIGNATURE_SKEW, verifyDocument } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { loginsOf } from './status-list-token.js';
import { named } from './verified-right.js';

export type StandingRefusal =
  | EnvelopeRefusal
  | 'not_a_party'
  | 'wrong_receiver'
  | 'from_the_future'
  | 'not_what_is_held'
  | 'not_narrower'
  | 'epoch_over';

/**
 * Verifies an act of a party. Narrowing counts even from an expired key; resume needs every party. A `narrow` of this version must be provably
 * narrower; one of another version is held, since beats name it, and says nothing about this one.
 */
export async function verifyAct(
  input: unknown,
  ring: KeyRing,
  agreement: Agreement,
  now: Instant,
): Promise<Decision<HeldAct, StandingRefusal>> {
  const shape = signedAct.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'act' });
  const act: Act = shape.data.document;
  const parties = agreement.parties.map((party) => party.organisation);
  if (act.agreementId !== agreement.id || !parties.includes(act.organisation)) return refuse('not_a_party');
  const narrowing = isNarrowing(act.verb);
  const purpose: Purpose = narrowing ? 'narrow' : 'agreement';
  const issuers = act.verb === 'resume' ? parties : [act.organisation];
  const demands = issuers.map((issuer) => ({ issuer, purpose }));
  const verified = await verifyDocument('act', input, ring, demands, now, { expiredMayNarrow: narrowing });
  if (!verified.allowed) return verified;
  const { narrows } = act;
  const wider = narrows && narrows.version === digestOf(agreement) ? narrowingFault(agreement, narrows) : undefined;
  if (wider !== undefined) return refuse('not_narrower', { clause: wider });
  const keys = verified.value.signers.map(({ signer }) => named(signer));
  const signers = [...new Set(keys.map(({ organisation }) => organisation))];
  return allow({ act, digest: verified.value.digest, signers, keys });
}

/**
 * Verifies a signal: the word of one organisation about a resource or a subject of its own, signed by whoever it certified for that; of what a gateway
 * runs, that gateway's own key speaks and no other. A signal of the future would be fresh for longer than was agreed.
 */
export async function verifySignal(
  input: unknown,
  ring: KeyRing,
  now: Instant,
): Promise<Decision<Signal, StandingRefusal>> {
  const shape = signedSignal.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'signal' });
  const signal: Signal = shape.data.document;
  const { about, organisation } = signal;
  const ofGateway = about.kind === 'gateway';
  const purpose: Purpose = ofGateway ? 'enforce' : 'signal';
  const verified = await verifyDocument('signal', input, ring, [{ issuer: organisation, purpose }], now);
  if (!verified.allowed) return verified;
  const isItself = ({ signer: { holder } }: { signer: KnownKey }) =>
    holder?.kind === 'gateway' && holder.id === about.id;
  if (ofGateway && !verified.value.signers.every(isItself)) return refuse('wrong_issuer', { clause: 'gateway' });
  return signal.at > now + SIGNAL_SKEW ? refuse('from_the_future', { clause: 'signal' }) : allow(signal);
}

/**
 * Verifies an order to lock out this gateway by its own chain alone: the plant must be able to stop a gateway that holds no agreement yet. No
 * other act is taken this way.
 */
export async function verifyLockout(
  input: unknown,
  ring: KeyRing,
  gateway: Beat['receiver'],
  now: Instant,
): Promise<Decision<HeldAct, StandingRefusal>> {
  const shape = signedAct.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'act' });
  const act: Act = shape.data.document;
  if (!locksOut(act, gateway)) return refuse('not_a_party');
  const demand = { issuer: gateway.organisation, purpose: 'narrow' as const };
  const verified = await verifyDocument('act', input, ring, [demand], now, { expiredMayNarrow: true });
  if (!verified.allowed) return verified;
  return allow({ act, digest: verified.value.digest, signers: [gateway.organisation] });
}

/** Acts that only take rights away: one side's `narrow` key is enough, and they travel by any hand. */
export const isNarrowing = (verb: Act['verb']): boolean => verb === 'suspend' || verb === 'narrow' || verb === 'revoke';

/** The digest by which a beat names all acts of one organisation in one agreement: a set, so the order is not part of it. */
export const digestOfActs = (acts: readonly Digest[]): Digest => digestOf([...new Set(acts)].sort());

/** What the receiver of a beat holds; a beat renews only where it names exactly this. */
export interface Held {
  readonly agreement: Digest;
  readonly entity: Digest;
  readonly acts: Digest;
  readonly status: Digest;
}

/**
 * Verifies a beat for one receiver. A beat that names anything the receiver does not hold renews nothing: somebody
 * is withholding a document, and the refusal says which kind.
 */
export async function verifyBeat(
  input: unknown,
  ring: KeyRing,
  receiver: Beat['receiver'],
  held: Held,
  now: Instant,
): Promise<Decision<Beat, StandingRefusal>> {
  const shape = signedBeat.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'beat' });
  const beat: Beat = shape.data.document;
  const verified = await verifyDocument('beat', input, ring, [{ issuer: beat.organisation, purpose: 'beat' }], now);
  if (!verified.allowed) return verified;
  // Nobody beats for somebody else, and no writer beats under another writer's epoch.
  if (verified.value.signers.some(({ signer }) => signer.epoch !== beat.epoch || hasSuccessor(signer, ring)))
    return refuse('epoch_over', { clause: 'beat' });
  if (beat.receiver.organisation !== receiver.organisation || beat.receiver.id !== receiver.id)
    return refuse('wrong_receiver');
  if (!believable(beat.issuedAt, now, SIGNATURE_SKEW)) return refuse('from_the_future', { clause: 'beat' });
  const missing = (['agreement', 'entity', 'acts', 'status'] as const).find((kind) => beat[kind] !== held[kind]);
  return missing ? refuse('not_what_is_held', { clause: missing }) : allow(beat);
}

/** Whether the same writer was certified for a later epoch: a restored or stolen agent of an earlier one speaks for nobody. */
const hasSuccessor = ({ organisation, holder, epoch }: KnownKey, ring: KeyRing): boolean =>
  holder !== null && ring.held(organisation, holder.kind, holder.id).some((key) => (key.epoch ?? 0) > (epoch ?? 0));

/** Verifies a status list of a party; only that party's own agent epoch can sign one. */
export async function verifyStatusList(
  input: unknown,
  ring: KeyRing,
  organisation: OrganisationId,
  now: Instant,
): Promise<Decision<{ list: StatusList; digest: Digest; logins: TokenStatuses | undefined }, StandingRefusal>> {
  const shape = signedStatusList.safeParse(input);
  if (!shape.success || shape.data.document.organisation !== organisation)
    return refuse('malformed', { clause: 'status-list' });
  const verified = await verifyDocument('status-list', input, ring, [{ issuer: organisation, purpose: 'beat' }], now);
  if (!verified.allowed) return verified;
  const { document, digest } = verified.value;
  const logins = loginsOf(document);
  if (document.logins && !logins) return refuse('malformed', { clause: 'status-list' });
  return allow({ list: document, digest, logins });
}

/** Verifies a verdict: only the company whose verdict it is can sign it. */
export async function verifyVerdict(
  input: unknown,
  ring: KeyRing,
  now: Instant,
): Promise<Decision<Verdict, StandingRefusal>> {
  const shape = signedVerdict.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'verdict' });
  const { organisation, kind } = shape.data.document;
  const verified = await verifyDocument('verdict', input, ring, [{ issuer: organisation, purpose: kind }], now);
  return verified.allowed ? allow(verified.value.document) : verified;
}
