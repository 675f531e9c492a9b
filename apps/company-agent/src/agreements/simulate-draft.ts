import {
  type Agreement,
  activate,
  allow,
  type Decision,
  type Delegation,
  type Digest,
  type EvidenceKind,
  type EvidenceRecord,
  type Instant,
  type Replayed,
  type ReplayedRight,
  refuse,
  type Simulation,
  simulate,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { recordsOf } from '../audit/ask-log.js';
import type { GrantView } from '../broker/broker-api.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { holdGrant } from '../grants/read-grant.js';
import { type InForce, inForce, partiesOf, refreshAgreements } from './agreements.js';
import { verifiedAnnexes } from './verified-annexes.js';

/** What is replayed of the log, and as what. */
const REPLAYED: Partial<Record<EvidenceKind, Replayed['what']>> = {
  'decision.given': 'decision',
  'session.opened': 'session',
  'session.refused': 'session',
  'flow.opened': 'flow',
  'flow.delivered': 'flow',
  'flow.refused': 'flow',
};

export interface SimulatedDraft extends Simulation {
  /** How many records and rights were looked at. */
  readonly replayed: number;
}

/**
 * Replays what this agent verifies of the log since `from`, and the rights as they stand, against a draft of an agreement in force. The draft
 * is signed by nobody and changes nothing.
 */
export async function simulateDraft(agent: Agent, draft: Agreement, from: Instant): Promise<Decision<SimulatedDraft>> {
  await refreshAgreements(agent);
  const known = inForce(agent, draft.id);
  if (!known || !partiesOf(draft).includes(agent.organisation)) return refuse('not_a_party');
  const could = activate(draft, Math.max(draft.effectiveFrom, agent.now()));
  if (!could.allowed) return could;
  const records = await recordsOf(agent, draft.id, Object.keys(REPLAYED) as EvidenceKind[], from);
  if (!records.allowed) return records;
  const listed = await agent.broker.grants();
  if (!listed.allowed) return listed;
  const views = listed.value.grants.filter(({ grant: { document } }) => document.agreement === known.digest);
  const rights = await verified(agent, known, views, records.value);
  const uses = [...rights.values()].map(asItStands(agent.now()));
  const unexplained: { id: string; code: string }[] = [];
  for (const record of records.value) {
    const use = useOf(record, rights);
    if (typeof use === 'string') unexplained.push({ id: record.id, code: use });
    else uses.push(use);
  }
  const annexes = await verifiedAnnexes(agent, known.agreement.document);
  const held = { acts: heldActs(agent, known.agreement.document), annexes: annexes.allowed ? annexes.value : [] };
  const versions = [
    { agreement: known.agreement.document, digest: known.digest },
    { agreement: draft, digest: digestOf(draft) },
  ] as const;
  const found = simulate(...versions, uses, held);
  const replayed = uses.length + unexplained.length;
  return allow({ ...found, unexplained: [...unexplained, ...found.unexplained], replayed });
}

interface Verified {
  readonly held: HeldGrant;
  readonly right: ReplayedRight;
}

/** Every right that verifies now, or did when it was first used: certificates end, and what was done by them was done. */
async function verified(
  agent: Agent,
  known: InForce,
  views: readonly GrantView[],
  records: readonly EvidenceRecord[],
): Promise<ReadonlyMap<Digest, Verified>> {
  const held = new Map<Digest, HeldGrant>();
  for (const view of views) {
    const digest = digestOf(view.grant.document);
    const first = Math.min(...records.flatMap(({ grant, at }) => (grant === digest ? [at] : [])));
    const now = await holdGrant(agent, view, view.status);
    const then = now.allowed || first === Number.POSITIVE_INFINITY ? now : await asOf(agent, known, view, first);
    if (then.allowed) held.set(digest, then.value);
  }
  return new Map(
    [...held].flatMap(([digest, one]) => {
      const right = rightOf(one, held);
      return right ? [[digest, { held: one, right }] as const] : [];
    }),
  );
}

function asOf(agent: Agent, known: InForce, view: GrantView, at: Instant): Promise<Decision<HeldGrant>> {
  const store: Agent['store'] = {
    ...agent.store,
    agreements: () => [known.agreement],
    acts: (id) => agent.store.acts(id).filter(({ act }) => act.document.issuedAt <= at),
  };
  return holdGrant({ ...agent, store, now: () => at }, view, view.status);
}

function rightOf(held: HeldGrant, all: ReadonlyMap<Digest, HeldGrant>): ReplayedRight | undefined {
  const rights = [...held.above, held.grant].map(({ document }) => document);
  const [first, ...handed] = rights.filter(({ typ }) => typ !== 'standing-approval');
  if (first?.typ !== 'grant') return undefined;
  const approversOf = (digest: Digest) => (digest === held.digest ? held : all.get(digest))?.approvers ?? [];
  const delegations = handed
    .filter((one): one is Delegation => one.typ === 'delegation')
    .map((document) => ({ document, digest: digestOf(document), approvers: approversOf(digestOf(document)) }));
  const grantDigest = digestOf(first);
  return { grant: first, grantDigest, approvers: approversOf(grantDigest), delegations };
}

/** A right by itself: whether it is signed as the agreement asks. */
const asItStands =
  (at: Instant) =>
  ({ held, right }: Verified): Replayed => {
    const last = right.delegations.at(-1)?.document ?? right.grant;
    const [subject, resource] = [last.subjects[0], last.resources[0]];
    if (!subject || !resource) throw new Error('a verified right has a subject and a resource');
    const outcome = held.complete ? 'permit' : 'deny';
    const no = held.complete ? null : 'approvals_missing';
    return { what: 'grant', id: held.id, at, outcome, code: no, clause: null, right, subject, resource, region: null };
  };

/** What a record says was used, or why nothing can be said about it. */
function useOf(record: EvidenceRecord, rights: ReadonlyMap<Digest, Verified>): Replayed | string {
  const { id, at, kind, subject, resource, grant, code, clause, region } = record;
  const what = REPLAYED[kind];
  if (!what || !subject || !resource || grant === null) return code ?? 'names_no_right';
  // A decision names the grant; who acts by a delegation under it is found by the subject.
  const named = [...rights.values()].filter(({ right }) => right.grantDigest === grant);
  const right = (rights.get(grant) ?? named.find(({ right: one }) => actsFor(one, subject.id)))?.right;
  if (!right) return 'right_not_held';
  const outcome = record.outcome === 'deny' ? 'deny' : 'permit';
  return { what, id, at, outcome, code, clause, right, subject, resource, region };
}

const actsFor = ({ grant, delegations }: ReplayedRight, id: string): boolean =>
  (delegations.at(-1)?.document ?? grant).subjects.some((one) => one.id === id);
