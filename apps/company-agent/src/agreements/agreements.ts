import {
  type Agreement,
  type AgreementId,
  activate,
  allow,
  type Decision,
  type Digest,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, type KeyRing, verifyAgreement, verifyDocument } from '@interlock/proof';
import { type Agent, finding } from '../agent.js';

export const partiesOf = (agreement: Agreement): readonly OrganisationId[] =>
  agreement.parties.map((party) => party.organisation);

export interface InForce {
  readonly agreement: Signed<Agreement>;
  readonly digest: Digest;
}

/** The version that counts now, among those that every party was seen to have signed. */
export function inForce(agent: Agent, id: AgreementId): InForce | undefined {
  const now = agent.now();
  const newest = agent.store
    .agreements()
    .filter(({ document }) => document.id === id && activate(document, now).allowed)
    .sort((a, b) => b.document.version - a.document.version)[0];
  return newest && { agreement: newest, digest: digestOf(newest.document) };
}

/** Every agreement this company is party to that counts now. */
export function allInForce(agent: Agent): readonly Agreement[] {
  const ids = new Set(agent.store.agreements().map(({ document }) => document.id));
  return [...ids].flatMap((id) => inForce(agent, id)?.agreement.document ?? []);
}

/**
 * Fetches what pinned partners publish. What does not verify is a finding and is not taken in.
 *
 * @param unlessWithin milliseconds: a partner whose documents were taken in so short a time ago is not asked again
 */
export async function learnPartners(
  agent: Agent,
  organisations: Iterable<OrganisationId>,
  unlessWithin = 0,
): Promise<void> {
  const { pins } = agent.company();
  for (const organisation of new Set(organisations)) {
    const root = pins.get(organisation);
    if (!root || organisation === agent.organisation) continue;
    const learnedAt = agent.partners.learnedAt(organisation) ?? Number.NEGATIVE_INFINITY;
    if (agent.now() - learnedAt < unlessWithin) continue;
    const published = await agent.broker.published(root);
    if (!published.allowed) continue;
    const learned = await agent.partners.learn(organisation, published.value, agent.now());
    if (!learned.allowed) await finding(agent, learned.refusal.code, `what ${organisation} publishes does not verify`);
  }
}

/** One version as the broker shows it, with what this agent itself found out about it. */
export interface ReadAgreement {
  readonly agreement: Signed<Agreement>;
  readonly digest: Digest;
  /** Whose signature is on it and verifies down to the pins. */
  readonly signedBy: readonly OrganisationId[];
  /** Whether everything holds, or the first thing that does not. */
  readonly verified: Decision<unknown>;
}

/** Milliseconds after which partners are asked again what they publish, without any other reason. */
const LEARN_AGAIN = 60_000;

/**
 * Asks the broker for agreements, verifies those that are new, and keeps for good those that every party signed. What is kept is not verified
 * again: it costs an agent with a thousand partners nothing but the list.
 */
export async function refreshAgreements(agent: Agent): Promise<readonly ReadAgreement[]> {
  const listed = await listAgreements(agent);
  return listed.allowed ? listed.value : [];
}

/** The same for whoever must know that the broker did not answer from that there is none. */
export function listAgreements(agent: Agent): Promise<Decision<readonly ReadAgreement[]>> {
  return agent.inTurn('agreements', async () => {
    const listed = await agent.broker.agreements();
    if (!listed.allowed) return listed;
    const views = listed.value.agreements
      .map(({ agreement }) => ({ agreement, digest: digestOf(agreement.document) }))
      .filter(({ agreement }) => partiesOf(agreement.document).includes(agent.organisation));
    const partners = (isKept: boolean) =>
      views
        .filter(({ digest }) => (agent.store.agreement(digest) !== undefined) === isKept)
        .flatMap(({ agreement }) => partiesOf(agreement.document));
    await learnPartners(agent, partners(false));
    await learnPartners(agent, partners(true), LEARN_AGAIN);
    const read: ReadAgreement[] = [];
    for (const view of views) {
      const kept = agent.store.agreement(view.digest);
      const one = kept ? readKept(kept, view.digest) : await readAgreement(agent, view);
      if (!kept && one.verified.allowed) agent.store.keepAgreement(one.agreement);
      read.push(one);
    }
    return allow(read);
  });
}

export type VersionState =
  | 'in force'
  | 'waits for a signature'
  | 'does not hold'
  | 'not yet in effect'
  | 'over'
  | 'replaced';

/** What a version is now. */
export function stateOf(agent: Agent, { agreement: { document }, digest, verified }: ReadAgreement): VersionState {
  if (!verified.allowed)
    return verified.refusal.code === 'signature_missing' ? 'waits for a signature' : 'does not hold';
  if (inForce(agent, document.id)?.digest === digest) return 'in force';
  if (document.endsAt <= agent.now()) return 'over';
  return document.effectiveFrom > agent.now() ? 'not yet in effect' : 'replaced';
}

/** Every version of one agreement that this company knows, the newest first: those it kept, and what the broker shows beside them. */
export async function versionsOf(agent: Agent, id: AgreementId): Promise<Decision<readonly ReadAgreement[]>> {
  const listed = await listAgreements(agent);
  if (!listed.allowed) return listed;
  const shown = listed.value.filter(({ agreement }) => agreement.document.id === id);
  const kept = agent.store.agreements().filter(({ document }) => document.id === id);
  const all = new Map(kept.map((one) => [digestOf(one.document), readKept(one, digestOf(one.document))]));
  for (const one of shown) all.set(one.digest, one);
  return allow([...all.values()].sort((a, b) => b.agreement.document.version - a.agreement.document.version));
}

/** As this company kept it, whatever the broker shows beside the same document. */
const readKept = (agreement: Signed<Agreement>, digest: Digest): ReadAgreement => ({
  agreement,
  digest,
  signedBy: partiesOf(agreement.document),
  verified: allow(true),
});

async function readAgreement(
  agent: Agent,
  { agreement, digest }: Pick<ReadAgreement, 'agreement' | 'digest'>,
): Promise<ReadAgreement> {
  const { pins } = agent.company();
  const strangers = partiesOf(agreement.document).filter((party) => !pins.has(party));
  const ring = await agent.partners.ring(
    partiesOf(agreement.document).filter((party) => pins.has(party)),
    agent.now(),
  );
  if (!ring.allowed) return { agreement, digest, signedBy: [], verified: ring };
  const signedBy = await signers(agreement, ring.value, agent.now());
  const verified: Decision<unknown> = strangers[0]
    ? refuse('not_pinned', { clause: strangers[0] })
    : await verifyAgreement(agreement, ring.value, pins, agent.now());
  return { agreement, digest, signedBy, verified };
}

async function signers(agreement: Signed<Agreement>, ring: KeyRing, now: number): Promise<OrganisationId[]> {
  const found = new Set<OrganisationId>();
  for (const block of agreement.signatures) {
    for (const issuer of partiesOf(agreement.document)) {
      const one = { document: agreement.document, signatures: [block] };
      const verified = await verifyDocument('agreement', one, ring, [{ issuer, purpose: 'agreement' }], now);
      if (verified.allowed) found.add(issuer);
    }
  }
  return [...found];
}
