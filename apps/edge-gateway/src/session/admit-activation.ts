import { randomBytes } from 'node:crypto';
import type { ChainDocuments } from '@interlock/contracts';
import {
  type Activation,
  type Ask,
  activatedUntil,
  allow,
  type Decision,
  deadline,
  decide,
  endOf,
  type Instant,
  type LiveUse,
  type Monotonic,
  type ResourceRef,
  refuse,
  runsAhead,
  type SessionId,
  type Signed,
} from '@interlock/domain';
import { SIGNATURE_SKEW, verifyActivation, verifyChain, withoutRevoked } from '@interlock/proof';
import { circumstancesOf, type HeldAgreement, leasesOf } from '../standing/held-agreement.js';
import { type Admission, type Admitted, workingDeadline } from './admit-session.js';

/** What somebody in the plant brings to the local port: a dormant grant, and an approver's word for now. */
export interface BroughtActivation {
  readonly grant: ChainDocuments['grant'];
  /** Of the people who signed the grant, where the broker kept theirs back. */
  readonly certificates: ChainDocuments['certificates'];
  readonly activation: Signed<Activation>;
}

/** Shown at the local port, good for one activation. */
export interface ShownNonce {
  readonly nonce: string;
  readonly at: Monotonic;
}

export interface ActivationAdmission extends Omit<Admission, 'ticketsSeen' | 'openUnder' | 'watch'> {
  readonly shown: ShownNonce;
  readonly newSession: () => SessionId;
}

/**
 * Everything that must be true before a dormant grant is used (trust model, section 8). The activation stands in place of login proof, ticket, verdict
 * and lease; the chain, the acts, the windows and the signals are looked at as ever, by what this gateway holds of the agreement, from its disk if need be.
 */
export async function admitActivation(
  brought: BroughtActivation,
  at: ActivationAdmission,
): Promise<Decision<Admitted>> {
  const { self, clock, held } = at;
  const moment = { now: clock.now(), monotonic: clock.monotonic() };
  if (at.locked) return refuse('lockout');
  const [relay] = self.document.relays;
  if (!relay) return refuse('not_on_provisioning_list', { clause: 'relay' });
  if (!held) return refuse('lease_over', { clause: 'agreement not held' });
  const judged = await judge(brought, at, held, moment.now);
  if (!judged.allowed) return judged;
  const { chain, documents, said } = judged.value;
  const { leaf, action, resource: id, reason, at: signedAt } = said.activation;
  const session = at.newSession();
  const resource = { owner: self.organisation, id };
  const ask: Ask = { subject: chain.subject, leaf, action, resource, session };
  const decision = decide(chain, ask, { ...circumstancesOf(held), activated: true }, moment.now);
  if (!decision.allowed) return decision;
  const use = useOf(chain, resource, decision.value.window.to, at, moment);
  const end = endOf(use, leasesOf(held, moment.now));
  if (end.at <= clock.monotonic()) return refuse(end.code);
  // The approver signed after the nonce was shown, so the own company's word on the time is here even where no beat of this start is.
  const word = { time: signedAt, sentAt: at.shown.at };
  if (clock.runsAhead() && runsAhead(word, moment.now, moment.monotonic, SIGNATURE_SKEW)) return refuse('clock_ahead');
  const offer: Admitted['offer'] = {
    ...{ t: 'offer', session, grant: chain.grant.id, resource, action, subject: ask.subject, leaf, relay },
    // The connector brings it inside the tunnel, as it brings a ticket: nobody who was not told here can come.
    ...{ ticket: randomBytes(32).toString('base64url'), rendezvous: randomBytes(24).toString('base64url') },
    ...{ loginProof: null, chain: documents, verdicts: [] },
  };
  const activatedBy = { approver: said.approver, digest: said.digest, reason };
  return allow({ offer, chain, ask, use, admittedAt: moment, activatedBy });
}

/** The chain by what is held of the agreement, and the approver's word on it. */
async function judge(brought: BroughtActivation, at: ActivationAdmission, held: HeldAgreement, now: Instant) {
  const { self, shown } = at;
  const standing = held.chainOf(brought.grant);
  const documents = { ...standing, certificates: [...standing.certificates, ...brought.certificates].slice(0, 256) };
  const { leaf } = brought.activation.document;
  const chain = await verifyChain(documents, self.pins, self, { activatedLeaf: leaf }, now);
  if (!chain.allowed) return chain;
  const gateway = { organisation: self.organisation, id: self.gateway };
  const ring = withoutRevoked(chain.value.ring, held.acts.values());
  const said = await verifyActivation(
    brought.activation,
    ring,
    { right: chain.value, gateway, nonce: shown.nonce },
    now,
  );
  return said.allowed ? allow({ chain: chain.value, documents, said: said.value }) : said;
}

function useOf(
  chain: Admitted['chain'],
  resource: ResourceRef,
  windowEnd: Instant,
  { working }: ActivationAdmission,
  { now, monotonic }: Admitted['admittedAt'],
): LiveUse {
  const { agreement, grant } = chain;
  return {
    ...{ agreement, grant, resource },
    windowEnd: deadline(activatedUntil(grant, windowEnd, now), now, monotonic),
    agreementEnd: deadline(agreement.endsAt, now, monotonic),
    workingEnd: workingDeadline(chain, working.begunAt(grant, now) ?? now, { now, monotonic }),
    activated: true,
  };
}
