import {
  type Ask,
  allow,
  type Decision,
  deadline,
  decide,
  endOf,
  type LiveUse,
  parseThumbprint,
  refuse,
  safetyNotice,
} from '@interlock/domain';
import { verifyChain } from '@interlock/proof';
import { chainOf } from '../standing/chain-taken-up.js';
import { circumstancesOf, leasesOf } from '../standing/held-agreement.js';
import { type Admission, type Admitted, type Offer, workingDeadline } from './admit-session.js';

/**
 * Judges a session on which safety rests and that was open before, by what this gateway has on its disk (trust model, section 8): no ticket, no lease and no broker, and the
 * same right, key, window, cuts and verdicts as ever. The subject still has to show the key that its grant and certificate name, in a handshake of its own.
 */
export async function judgeAgain(
  offer: Offer,
  { self, clock, held, locked, working }: Pick<Admission, 'self' | 'clock' | 'held' | 'locked' | 'working'>,
): Promise<Decision<Admitted>> {
  const moment = { now: clock.now(), monotonic: clock.monotonic() };
  const { now, monotonic } = moment;
  if (locked) return refuse('lockout');
  if (!held) return refuse('lease_over', { clause: 'agreement not held' });
  const { subject, resource, action, session } = offer;
  const grant = offer.chain.grant.document;
  const relied = safetyNotice(held.agreement, grant.kind, resource) !== undefined && offer.loginProof === null;
  const root = offer.chain.delegations?.length ? undefined : offer.chain.grant;
  // What was never open in this window opens as strictly as anything else.
  if (!relied || !root || root.document.typ !== 'grant' || working.begunAt(root.document, now) === undefined)
    return refuse('lease_over', { clause: 'not open before' });
  if (!self.document.relays.some(({ host, port }) => host === offer.relay.host && port === offer.relay.port))
    return refuse('not_on_provisioning_list', { clause: 'relay' });
  const leaf = parseThumbprint(offer.leaf);
  if (!leaf) return refuse('malformed', { clause: 'leaf' });
  const standing = chainOf(held, root, true);
  const certificates = [...standing.certificates, ...offer.chain.certificates].slice(0, 256);
  const chain = await verifyChain({ ...standing, certificates }, self.pins, self, { leaf, subject }, now);
  if (!chain.allowed) return chain;
  const ask: Ask = { subject: chain.value.subject, leaf: chain.value.jkt, action, resource, session };
  const decision = decide(chain.value, ask, { ...circumstancesOf(held), resumed: true }, now);
  if (!decision.allowed) return decision;
  const use: LiveUse = {
    ...{ agreement: chain.value.agreement, grant: chain.value.grant, resource, resumed: true },
    windowEnd: deadline(decision.value.window.to, now, monotonic),
    agreementEnd: deadline(chain.value.agreement.endsAt, now, monotonic),
    workingEnd: workingDeadline(chain.value, working.begunAt(root.document, now) ?? now, moment),
  };
  const end = endOf(use, leasesOf(held, now));
  return end.at <= monotonic ? refuse(end.code) : allow({ offer, chain: chain.value, ask, use, admittedAt: moment });
}
