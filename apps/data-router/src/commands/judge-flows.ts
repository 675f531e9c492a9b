import type { ChainDocuments, RefusalCode } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type Circumstances,
  type DataTerm,
  type Decision,
  type Digest,
  dataTerm,
  decide,
  embargoTerms,
  type Grant,
  type HeldAct,
  type HeldAnnex,
  type Instant,
  inRetrieval,
  type LocalId,
  mayInspect,
  narrowedVersions,
  narrowestReading,
  type OrganisationId,
  refuse,
  retrievalEndsAt,
  route,
  type Signed,
  type SubjectRef,
  skewMilliseconds,
  termsOfType,
  usesEndAt,
  type Verdict,
  type VerifiedChain,
} from '@interlock/domain';
import {
  type KeyRing,
  type KnownKey,
  type Pins,
  trust,
  verifyAct,
  verifyAnnex,
  verifyChain,
  verifyStatusList,
  verifyVerdict,
} from '@interlock/proof';
import type { OperatedRegion } from '../regions/regions.js';
import type { Route } from '../store/route.store.js';
import { chainFor } from './chain-for.js';
import type { AgreementDocuments } from './read-agreement.js';

/** A region as far as a flow's right to it needs to know. */
export type EndpointOf = Pick<OperatedRegion, 'name' | 'endpointKey'>;

/** What came out for one grant. */
export interface Judged {
  readonly grant: Signed<Grant>['document'];
  readonly route: Decision<Route, RefusalCode>;
}

export interface Judgement {
  readonly flows: readonly Judged[];
  /** Until when what is stored may be fetched, where that is all that goes on. */
  readonly retrievalUntil: Instant | undefined;
  /** Grants whose newest verdict of a party against its lists is a no, and which party: nothing of theirs is carried or fetched. */
  readonly embargoed: ReadonlyMap<Digest, OrganisationId>;
  /** By what was verified the agreement has ended, and the time to retrieve too: what is stored under it goes. */
  readonly retrievalOver?: boolean;
  /** Nothing is in force, retrieval neither. */
  readonly over?: true;
  /** When the outcome can change without any news. */
  readonly changesAt: Instant;
}

/**
 * Decides for every active data-collection grant of an agreement whether it has a route: the whole chain is followed from the registered
 * roots and decided by the very rules of the gateway. The broker's own pins bind no company; they keep the bus from carrying what nobody agreed.
 */
export async function judgeFlows(
  documents: AgreementDocuments,
  regions: ReadonlyMap<LocalId, EndpointOf>,
  now: Instant,
): Promise<Judgement> {
  const { material, standing } = documents;
  const pins: Pins = new Map(material.pins.map(({ organisation, root }) => [organisation, root]));
  const ring = await trust(material.entities, material.certificates, pins, now);
  const flows: Judged[] = [];
  let changesAt = Number.MAX_SAFE_INTEGER;
  const facts = ring.allowed ? await circumstances(documents, ring.value, now) : undefined;
  const agreement = material.view.agreement.document;
  const acts = facts?.acts ?? [];
  const retrievalUntil = inRetrieval(agreement, acts, now);
  for (const edge of [usesEndAt(agreement, acts), retrievalEndsAt(agreement, acts)])
    if (edge > now) changesAt = Math.min(changesAt, edge);
  for (const grant of standing.flows) {
    const judged =
      ring.allowed && facts
        ? await judgeFlow({ documents, pins, ring: ring.value, facts, regions, now }, grant)
        : refuse(ring.allowed ? 'malformed' : ring.refusal.code);
    flows.push({ grant: grant.document, route: judged });
    for (const { from, to } of grant.document.windows) {
      for (const edge of [from, to]) if (edge > now) changesAt = Math.min(changesAt, edge);
    }
    if (judged.allowed) changesAt = Math.min(changesAt, judged.value.endsAt);
  }
  // Without its acts nobody knows that it was not prolonged or ended otherwise: what cannot be judged erases nothing.
  const retrievalOver = facts !== undefined && now >= retrievalEndsAt(agreement, acts);
  return {
    flows,
    retrievalUntil,
    retrievalOver,
    embargoed: embargoedUnder(agreement, facts?.verdicts ?? [], now),
    changesAt,
  };
}

/** Asked apart from the judgement of a flow: that ends with the first thing that is wrong, and a list of the law is obeyed whatever else is. */
function embargoedUnder(
  agreement: Agreement,
  verdicts: readonly Verdict[],
  now: Instant,
): ReadonlyMap<Digest, OrganisationId> {
  const askers = embargoTerms(agreement).map(({ party }) => party);
  const asked = verdicts.filter(({ kind, organisation }) => kind === 'embargo' && askers.includes(organisation));
  const newest = (one: Verdict): boolean =>
    !asked.some(
      (other) =>
        other.organisation === one.organisation &&
        other.grant === one.grant &&
        other.issuedAt > one.issuedAt &&
        other.issuedAt <= now + skewMilliseconds(agreement),
    );
  const blocked = asked.filter((one) => one.outcome === 'blocked' && newest(one));
  return new Map(blocked.map(({ grant, organisation }) => [grant, organisation]));
}

interface Bench {
  readonly documents: AgreementDocuments;
  readonly pins: Pins;
  readonly ring: KeyRing;
  readonly facts: Circumstances;
  readonly regions: ReadonlyMap<LocalId, EndpointOf>;
  readonly now: Instant;
}

async function judgeFlow(bench: Bench, grant: ChainDocuments['grant']): Promise<Decision<Route, RefusalCode>> {
  const { now, ring, documents } = bench;
  const [subject, resource, action] = [
    grant.document.subjects[0],
    grant.document.resources[0],
    grant.document.actions[0],
  ];
  if (!subject || !resource || !action) return refuse('malformed', { clause: 'grant' });
  const status = documents.material.view.status;
  if (status !== 'active' && status !== 'terminating') return refuse('taken_away', { clause: status });
  const opening = openingKey(ring, subject, now);
  if (!opening) return refuse('subject_unknown', { clause: 'open' });
  const self = { organisation: resource.owner, resources: grant.document.resources.map((one) => one.id) };
  const input = chainFor(documents.material, grant, documents.standing.proofs);
  const chain = await verifyChain(input, bench.pins, self, { leaf: opening.kid, subject }, now);
  if (!chain.allowed) return chain;
  const ask = { subject, leaf: opening.kid, action, resource, session: null };
  const decision = decide(chain.value, ask, bench.facts, now);
  if (!decision.allowed) return decision;
  const { agreement, agreementDigest } = chain.value;
  const reading = narrowestReading(agreement, narrowedVersions(agreement, agreementDigest, bench.facts.acts));
  const term = dataTerm(reading, action, resource);
  if (!term) return refuse('narrowed', { clause: 'data-collection' });
  const regions = regionsFor(reading, term, bench.regions);
  if (!regions.allowed) return regions;
  const gateways = gatewaysFor(bench, chain.value, term);
  if (gateways.length === 0) return refuse('not_on_provisioning_list', { clause: resource.id });
  // Until the last gateway's end at least one of them publishes; an earlier end is judged when it comes.
  const lastGateway = Math.max(...gateways.map((key) => key.notAfter));
  const endsAt = Math.min(decision.value.window.to, chain.value.agreement.endsAt, opening.notAfter, lastGateway);
  const [notice] = termsOfType(agreement, 'notice');
  const until = retrievalEndsAt(agreement, bench.facts.acts);
  return allow({
    ...named(chain.value, term),
    ...((notice?.retrievalSeconds ?? 0) > 0 && { owed: { until, windowEndsAt: decision.value.window.to } }),
    gateways: [...new Set(gateways.flatMap((key) => key.holder?.id ?? []))].sort(),
    regions: regions.value,
    endsAt,
  });
}

const named = (chain: VerifiedChain, term: DataTerm): Omit<Route, 'gateways' | 'regions' | 'endsAt'> => ({
  grant: chain.grant.id,
  grantDigest: chain.grantDigest,
  agreementId: chain.agreement.id,
  agreement: chain.agreementDigest,
  parties: chain.agreement.parties.map((party) => party.organisation),
  owner: chain.owner,
  resource: term.resource,
  product: term.product,
  recipients: term.recipients,
  retentionSeconds: term.retentionSeconds,
});

const openingKey = (ring: KeyRing, subject: SubjectRef, now: Instant): KnownKey | undefined =>
  subject.kind === 'person'
    ? undefined
    : ring.held(subject.organisation, subject.kind, subject.id).find((key) => opens(key, now));

const opens = (key: KnownKey, now: Instant): boolean =>
  key.purposes.includes('open') && key.notBefore <= now && now < key.notAfter;

/** The regions of the term that are operated here and whose endpoint shows a key that both companies signed. */
function regionsFor(
  agreement: Agreement,
  term: DataTerm,
  operated: Bench['regions'],
): Decision<readonly LocalId[], RefusalCode> {
  const ours = term.regions.flatMap((name) => operated.get(name) ?? []);
  const agreed = ours.map((region) => ({ region, may: route(agreement, term, region.name, region.endpointKey) }));
  const carried = agreed.flatMap(({ region, may }) => (may.allowed ? [region.name] : []));
  if (carried.length > 0) return allow(carried);
  const refused = agreed.map(({ may }) => may).find((may) => !may.allowed);
  return refused && !refused.allowed ? refused : refuse('region_not_agreed', { clause: term.regions.join(', ') });
}

/** Keys of the owner's gateways that may take data of this resource now, where the term has it inspected. */
function gatewaysFor({ documents, ring, now }: Bench, chain: VerifiedChain, term: DataTerm): readonly KnownKey[] {
  const ids = documents.material.certificates.flatMap(({ document }) =>
    document.organisation === chain.owner && document.holder.kind === 'gateway' ? [document.holder.id] : [],
  );
  return [...new Set(ids)]
    .flatMap((id) => ring.held(chain.owner, 'gateway', id))
    .filter((key) => mayInspect(term, key.purposes).allowed && key.resources.includes(term.resource.id))
    .filter((key) => key.notBefore <= now && now < key.notAfter);
}

/** Acts, status lists and verdicts that verify; what does not is nothing. */
async function circumstances(
  { material, standing }: AgreementDocuments,
  ring: KeyRing,
  now: Instant,
): Promise<Circumstances> {
  const agreement = material.view.agreement.document;
  const acts = new Map<Digest, HeldAct>();
  for (const act of [...material.acts.map((one) => one.act), ...standing.acts]) {
    const held = await verifyAct(act, ring, agreement, now);
    if (held.allowed) acts.set(held.value.digest, held.value);
  }
  for (const { digest, heldAt } of material.acts) {
    const held = acts.get(digest);
    // Never of a time to come: what another machine's clock says must not keep an end from being one.
    if (held && heldAt !== undefined) acts.set(digest, { ...held, heldSince: Math.min(heldAt, now) });
  }
  const invalid = new Set<string>();
  for (const list of standing.statusLists) {
    const verified = await verifyStatusList(list, ring, list.document.organisation, now);
    if (verified.allowed && list.document.agreementId === agreement.id)
      for (const id of verified.value.list.invalid) invalid.add(id);
  }
  const annexes: HeldAnnex[] = [];
  for (const { annex } of material.annexes) {
    const held = await verifyAnnex(annex, ring, agreement, now);
    if (held.allowed) annexes.push(held.value);
  }
  const verdicts: Verdict[] = [];
  for (const verdict of standing.verdicts) {
    const verified = await verifyVerdict(verdict, ring, now);
    if (verified.allowed) verdicts.push(verified.value);
  }
  return { acts: [...acts.values()], verdicts, annexes, invalid, signals: 'at-the-gateway' };
}
