import { readDecisionPoint } from '@interlock/company-side';
import {
  type Agreement,
  type DecisionPointTerm,
  type Digest,
  decisionPointTerms,
  type Verdict,
} from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { type Agent, finding } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import type { GrantView } from '../broker/broker-api.js';
import { holdGrant } from '../grants/read-grant.js';
import { askDecisionPoint } from './ask-decision-point.js';

interface Given {
  readonly outcome: Verdict['outcome'];
  readonly askedAt: number;
  readonly issuedAt: number;
}

const ownTerm = (agent: Agent, agreement: Agreement): DecisionPointTerm | undefined =>
  decisionPointTerms(agreement).find(({ party }) => party === agent.organisation);

/**
 * Asks the company's own decision point about every right of the agreements that name it, and hands over its answer as a signed verdict: at
 * once where it turned, and before the last one goes stale. An answer that does not come is a no, so that an earlier yes does not outlive it.
 */
export function renewDecisions(agent: Agent): () => Promise<void> {
  const given = new Map<Digest, Given>();
  return async () => {
    const asking = allInForce(agent).filter((agreement) => ownTerm(agent, agreement));
    const point = asking.length > 0 ? readDecisionPoint(agent.dir) : undefined;
    if (!point) return;
    const grants = await agent.broker.grants();
    if (!grants.allowed) return;
    for (const view of grants.value.grants) {
      const agreement = asking.find(({ id }) => id === view.grant.document.agreementId);
      const term = agreement && ownTerm(agent, agreement);
      const { document } = view.grant;
      if (document.typ === 'standing-approval') continue;
      if (!term || !isDue(given.get(digestOf(view.grant.document)), term, agent.now())) continue;
      const held = await holdGrant(agent, view, view.status);
      if (!held.allowed) continue;
      await decideOn(agent, view, term, await askDecisionPoint(point, document, agent.now()), given);
    }
  };
}

/** Four times in the life of a verdict, and not more often than every round. */
const isDue = (last: Given | undefined, { maxAgeSeconds }: DecisionPointTerm, now: number): boolean =>
  !last || now - last.askedAt >= maxAgeSeconds * 250;

async function decideOn(
  agent: Agent,
  { grant: { document } }: GrantView,
  { maxAgeSeconds }: DecisionPointTerm,
  yes: boolean,
  given: Map<Digest, Given>,
): Promise<void> {
  const [now, grant] = [agent.now(), digestOf(document)];
  const last = given.get(grant);
  const outcome = yes ? 'clear' : 'blocked';
  const life = maxAgeSeconds * 1000;
  if (last?.outcome === outcome && now - last.issuedAt < life / 2) {
    given.set(grant, { ...last, askedAt: now });
    return;
  }
  const verdict: Verdict = {
    ...{ typ: 'verdict', v: 1, kind: 'decide', organisation: agent.organisation, grant, outcome },
    ...{ snapshot: digestOf({ grant, outcome }), issuedAt: now, expiresAt: now + life },
  };
  const handed = await agent.broker.handInVerdict(await signed(verdict, agent.keys.agent, now));
  if (handed.allowed) given.set(grant, { outcome, askedAt: now, issuedAt: now });
  else
    await finding(
      agent,
      handed.refusal.code,
      'the broker refused a verdict of the decision point',
      document.agreementId,
    );
}
