import { readEmbargoLists } from '@interlock/company-side';
import {
  type Agreement,
  checkEmbargo,
  type Digest,
  type EmbargoSnapshot,
  type EmbargoTerm,
  embargoTerms,
  type Grant,
  knownTerms,
  type Verdict,
} from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { type Agent, finding } from '../agent.js';
import { allInForce, partiesOf } from '../agreements/agreements.js';
import { holdGrant } from '../grants/read-grant.js';

interface Given {
  readonly issuedAt: number;
  readonly snapshot: Digest;
}

/**
 * Signs and hands over this company's embargo verdict about every grant of the agreements that ask for one, before the last one
 * goes stale, and at once when the lists change. Returns how many were handed over.
 */
export function renewVerdicts(agent: Agent): () => Promise<number> {
  const given = new Map<Digest, Given>();
  return async () => {
    const asked = allInForce(agent).flatMap((agreement) =>
      embargoTerms(agreement)
        .filter((term) => term.party === agent.organisation)
        .map((term) => ({ agreement, term })),
    );
    if (asked.length === 0) return 0;
    const snapshot = readEmbargoLists(agent.dir);
    if (!snapshot) {
      agent.log.warn({ event: 'embargo.no-snapshot' }, 'there is no embargo snapshot, so there are no verdicts');
      return 0;
    }
    const grants = await agent.broker.grants();
    if (!grants.allowed) return 0;
    let count = 0;
    for (const { grant, status } of grants.value.grants) {
      const duty = asked.find(({ agreement }) => agreement.id === grant.document.agreementId);
      if (!duty || (status !== 'asked' && status !== 'active')) continue;
      const held = await holdGrant(agent, grant, status);
      if (!held.allowed) continue;
      if (await giveVerdict(agent, { ...duty, snapshot, grant: grant.document, given })) count += 1;
    }
    return count;
  };
}

interface Duty {
  readonly agreement: Agreement;
  readonly term: EmbargoTerm;
  readonly snapshot: EmbargoSnapshot;
  readonly grant: Grant;
  readonly given: Map<Digest, Given>;
}

async function giveVerdict(agent: Agent, { agreement, term, snapshot, grant, given }: Duty): Promise<boolean> {
  const now = agent.now();
  const [digest, lists] = [digestOf(grant), digestOf(snapshot)];
  const last = given.get(digest);
  const life = term.maxAgeSeconds * 1000;
  if (last && last.snapshot === lists && now - last.issuedAt < life / 2) return false;
  const outcome = checkEmbargo(snapshot, term.issuers, questionAbout(agent, agreement), now);
  if (!outcome) return false;
  const verdict: Verdict = {
    typ: 'verdict',
    v: 1,
    kind: 'embargo',
    organisation: agent.organisation,
    grant: digest,
    outcome,
    snapshot: lists,
    issuedAt: now,
    expiresAt: now + life,
  };
  const handed = await agent.broker.handInVerdict(await signed(verdict, agent.keys.agent, now));
  if (!handed.allowed) {
    await finding(agent, handed.refusal.code, 'the broker refused an embargo verdict', agreement.id);
    return false;
  }
  given.set(digest, { issuedAt: now, snapshot: lists });
  return true;
}

/** Every partner of the agreement, where it says it is, and every region its data passes through. */
function questionAbout(agent: Agent, agreement: Agreement) {
  const partners = partiesOf(agreement).filter((party) => party !== agent.organisation);
  const entities = agent.partners.documents(partners).entities.map(({ document }) => document);
  const places = partners.map((partner) => {
    const own = entities.filter((entity) => entity.organisation === partner);
    // A partner whose entity document is not here is nowhere known, and nowhere known is blocked.
    return own.reduce((newest, one) => (one.sequence > newest.sequence ? one : newest), own[0] ?? NOWHERE).jurisdiction;
  });
  const regions = knownTerms(agreement).flatMap((term) => (term.type === 'region' ? [term.jurisdiction] : []));
  return { organisations: partners, jurisdictions: [...places, ...regions] };
}

const NOWHERE = { sequence: -1, jurisdiction: '' };
