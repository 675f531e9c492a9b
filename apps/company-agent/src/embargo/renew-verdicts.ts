import { keepDecision } from '@interlock/company-side';
import { type Agreement, clearUntil, type Digest, partnerAnswer, type Right, type Verdict } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { type Agent, finding } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { holdGrant } from '../grants/read-grant.js';
import { type Asked, askLists, type ListsNow, ownTerm } from './ask-lists.js';

interface Given {
  readonly state: Digest;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Signs and hands over this company's embargo verdict about every grant of the agreements that ask for one, before the last one goes stale,
 * and at once when a list, a record or a fact changes. Whatever is not clear is a no, also where there are no lists: an earlier yes must not
 * outlive them. Returns how many were handed over.
 */
export function renewVerdicts(agent: Agent): () => Promise<number> {
  const given = new Map<Digest, Given>();
  return async () => {
    const asking = allInForce(agent).filter((agreement) => ownTerm(agent, agreement));
    if (asking.length === 0) return 0;
    const lists = await agent.embargo(agent.now());
    if (!lists.allowed)
      agent.log.warn({ event: 'embargo.no-lists', code: lists.refusal.code }, 'there are no embargo lists to ask');
    if (lists.allowed) await agent.store.noteLists(lists.value.digest, agent.now());
    const grants = await agent.broker.grants();
    if (!grants.allowed) return 0;
    let count = 0;
    for (const { grant, above, status } of grants.value.grants) {
      const agreement = asking.find(({ id }) => id === grant.document.agreementId);
      const { document } = grant;
      if (!agreement || (status !== 'asked' && status !== 'active')) continue;
      // Nobody comes by a standing approval itself.
      if (document.typ === 'standing-approval') continue;
      const held = await holdGrant(agent, { grant, above }, status);
      if (held.allowed && (await giveVerdict(agent, { agreement, lists, grant: document, given }))) count += 1;
    }
    return count;
  };
}

interface Duty {
  readonly agreement: Agreement;
  readonly lists: ListsNow;
  readonly grant: Right;
  readonly given: Map<Digest, Given>;
}

async function giveVerdict(agent: Agent, { agreement, lists, grant, given }: Duty): Promise<boolean> {
  const term = ownTerm(agent, agreement);
  if (!term) return false;
  const now = agent.now();
  const digest = digestOf(grant);
  const asked = askLists(agent, lists, term, grant, agreement);
  const last = given.get(digest);
  const fresh = last && last.state === asked.state && now - last.issuedAt < (last.expiresAt - last.issuedAt) / 2;
  if (fresh) return false;
  const verdict = verdictOn(agent, digest, asked, now);
  const handed = await agent.broker.handInVerdict(await signed(verdict, agent.keys.agent, now));
  if (!handed.allowed) {
    await finding(agent, handed.refusal.code, 'the broker refused an embargo verdict', agreement.id);
    return false;
  }
  // Kept after it was handed over: a crash between makes the same verdict again and keeps it then.
  if (last?.state !== asked.state) {
    const decision = asked.answer(now);
    keepDecision(agent.dir, { id: grant.id, issuers: term.issuers, question: asked.question, decision });
  }
  given.set(digest, { state: asked.state, issuedAt: now, expiresAt: verdict.expiresAt });
  return true;
}

/** A yes ends when the lists themselves would say no: a rule, an authorisation or the age of a list may turn it without any news. */
function verdictOn(agent: Agent, grant: Digest, { term, snapshot, answer }: Asked, now: number): Verdict {
  return {
    typ: 'verdict',
    v: 1,
    kind: 'embargo',
    organisation: agent.organisation,
    grant,
    outcome: partnerAnswer(answer(now)),
    snapshot,
    issuedAt: now,
    expiresAt: clearUntil(answer, now, now + term.maxAgeSeconds * 1000),
  };
}
