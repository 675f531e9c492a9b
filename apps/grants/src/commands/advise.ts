import type { AskOf, OpenSession, RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Circumstances,
  type Decision,
  type Digest,
  decide,
  type Instant,
  loginAsked,
  loginEnd,
  loginTooWeak,
  refuse,
  type Signed,
  type Verdict,
} from '@interlock/domain';
import { digestOf, type FollowedChain, loginsOf, type SubjectProof, verifyChain } from '@interlock/proof';
import type { GrantRow } from '../store/grant.store.js';
import { asHeld, type HeldUnder } from '../store/standing.store.js';
import { chainOfRow } from './chain-of.js';
import { type Material, pinsOf } from './material.js';

export interface Advice {
  readonly chain: FollowedChain;
  /** What the ticket names: the login proof, or for a machine the digest of grant and leaf key. */
  readonly proof: Digest;
  readonly verdicts: readonly Signed<Verdict>[];
}

/** What a gateway would say, by the same rules and with what the broker holds. It can only ever spare the gateway a no. */
export async function advise(
  { ask, caller }: AskOf<typeof OpenSession>,
  grant: GrantRow,
  held: HeldUnder,
  material: Material,
  now: Instant,
): Promise<Decision<Advice, RefusalCode>> {
  if (grant.status === 'denied' || grant.status === 'revoked') return refuse('taken_away');
  if (grant.above.some((one) => one.status !== 'active')) return refuse('taken_away', { clause: 'parent' });
  if (grant.status === 'expired') return refuse('outside_window');
  const self = { organisation: grant.owner, resources: grant.document.resources.map((resource) => resource.id) };
  const proof: SubjectProof | undefined =
    ask.loginProof !== null
      ? { loginProof: ask.loginProof }
      : caller.kind !== 'person'
        ? {
            leaf: caller.thumbprint,
            subject: { organisation: caller.organisation, kind: caller.kind, id: caller.id },
          }
        : undefined;
  if (!proof) return refuse('subject_unknown');
  const chain = await verifyChain(chainOfRow(grant, material), pinsOf(material), self, proof, now);
  if (!chain.allowed) return chain;
  const asked = {
    subject: chain.value.subject,
    leaf: caller.thumbprint,
    action: ask.action,
    resource: ask.resource,
    session: null,
  };
  const facts = circumstances(held, material);
  // A list comes with beats to a gateway. Where no gateway of ours has ever asked for one, this advice rests on acts alone.
  const unlisted = !facts.statuses?.has((chain.value.login ?? chain.value.subject).organisation);
  const decision = decide(unlisted ? { ...chain.value, listed: undefined } : chain.value, asked, facts, now);
  if (!decision.allowed) return decision;
  const weak = loginFault(chain.value, now);
  if (weak) return weak;
  const named = chain.value.proof ?? digestOf({ grant: grant.digest, leaf: caller.thumbprint });
  return allow({ chain: chain.value, proof: named, verdicts: held.verdicts });
}

/** Whether the login behind it is too old, or of a way that the agreement does not take; the detail is what would do, for a challenge of RFC 9470. */
function loginFault(
  { agreement, loggedInAt, acr }: FollowedChain,
  now: Instant,
): Decision<never, 'login_over' | 'login_too_weak'> | undefined {
  const end = loginEnd(agreement, loggedInAt);
  const what = { clause: 're-login', detail: JSON.stringify(loginAsked(agreement) ?? null) };
  if (end !== undefined && now >= end) return refuse('login_over', what);
  return loginTooWeak(agreement, acr) ? refuse('login_too_weak', what) : undefined;
}

/** Acts and verdicts were verified when they were handed in; the gateway verifies them again. */
export const circumstances = (held: HeldUnder, material: Material): Circumstances => ({
  acts: [...material.acts, ...held.acts].map(asHeld),
  verdicts: held.verdicts.map((verdict) => verdict.document),
  annexes: material.annexes.map((one) => ({ ...one, annex: one.annex.document })),
  signals: 'at-the-gateway',
  invalid: new Set(held.statusLists.flatMap((list) => list.document.invalid)),
  statuses: new Map(
    held.statusLists.flatMap(({ document }) => {
      const logins = loginsOf(document);
      return logins ? [[document.organisation, logins] as const] : [];
    }),
  ),
});
