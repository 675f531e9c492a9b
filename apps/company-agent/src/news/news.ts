import type { Act, AgreementId, Digest, Instant, OrganisationId } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { refreshAgreements } from '../agreements/agreements.js';
import type { GrantView } from '../broker/broker-api.js';
import { holdGrant } from '../grants/read-grant.js';

/**
 * One thing that the company is told. It names documents and states and no person: who and what it is about stands in the inbox, for whoever
 * may read it there. `id` follows from the document and its state, so the same news found again has the same one.
 */
export interface News {
  readonly id: string;
  readonly type: `grant.${GrantView['status']}` | 'agreement.waits' | 'agreement.signed' | `act.${Act['verb']}`;
  /** When this agent saw it first. */
  readonly at: Instant;
  readonly data: {
    readonly agreementId: AgreementId;
    readonly digest: Digest;
    /** Of a grant or delegation; of a version of an agreement; of what an act takes away. */
    readonly grant?: string;
    readonly version?: number;
    readonly target?: Act['target']['kind'];
    /** Whose act it is. */
    readonly organisation?: OrganisationId;
  };
}

export type Found = Omit<News, 'at'>;
type Told = (id: string) => boolean;

/** Where news are found, each by itself: a broker that is away hides its lists, and never an act that is held here. */
export const SOURCES: readonly ((agent: Agent, told: Told) => readonly Found[] | Promise<readonly Found[]>)[] = [
  actsHeld,
  agreementsListed,
  grantsListed,
];

function actsHeld({ store }: Agent): Found[] {
  const agreements = new Set(store.agreements().map(({ document }) => document.id));
  return [...agreements].flatMap((agreementId) =>
    store.acts(agreementId).map(({ act: { document }, digest }) => ({
      id: `${digest}-act`,
      type: `act.${document.verb}` as const,
      data: { agreementId, digest, organisation: document.organisation, target: document.target.kind },
    })),
  );
}

async function agreementsListed(agent: Agent): Promise<Found[]> {
  return (await refreshAgreements(agent)).map(({ agreement: { document }, digest, verified }) => {
    const state = verified.allowed ? 'signed' : 'waits';
    const data = { agreementId: document.id, digest, version: document.version };
    return { id: `${digest}-${state}`, type: `agreement.${state}` as const, data };
  });
}

async function grantsListed(agent: Agent, told: Told): Promise<Found[]> {
  const listed = await agent.broker.grants();
  if (!listed.allowed) return [];
  const found: Found[] = [];
  for (const view of listed.value.grants) {
    const digest = digestOf(view.grant.document);
    const id = `${digest}-${view.status}`;
    if (told(id) || !(await mayBeTold(agent, view, (state) => told(`${digest}-${state}`)))) continue;
    const { id: grant, agreementId } = view.grant.document;
    found.push({ id, type: `grant.${view.status}`, data: { agreementId, digest, grant } });
  }
  return found;
}

/** Only what this agent verified, as in the inbox. The end of a grant is told where its beginning was: it may no longer hold by then. */
async function mayBeTold(agent: Agent, view: GrantView, toldAs: (state: GrantView['status']) => boolean) {
  if (view.status === 'asked' || view.status === 'active') return (await holdGrant(agent, view, view.status)).allowed;
  return toldAs('asked') || toldAs('active');
}
