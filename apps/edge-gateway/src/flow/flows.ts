import { join } from 'node:path';
import type { BrokerClient, Log } from '@interlock/company-side';
import {
  type AgreementId,
  type Ask,
  allow,
  type DataTerm,
  type Decision,
  dataTerm,
  deadline,
  decide,
  endOf,
  type Grant,
  type Instant,
  type LiveUse,
  refuse,
  type Signed,
  type VerifiedChain,
} from '@interlock/domain';
import { type KeyRing, verifyChain, withoutRevoked } from '@interlock/proof';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Lockout } from '../plant/lockout.js';
import type { Provisioned } from '../provisioning.js';
import { circumstancesOf, type HeldAgreement, leasesOf } from '../standing/held-agreement.js';
import type { StandingKeeper } from '../standing/keep-standing.js';
import { type Delivery, startDelivery } from './delivery.js';
import type { PickUp } from './pick-up.js';
import { sealedFlow } from './sealed-flow.js';
import { openSpool } from './spool.js';

export interface FlowsOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly lockout: Lockout;
  readonly book: EvidenceBook;
  readonly broker: BrokerClient;
  readonly keeper: StandingKeeper;
  readonly online: () => boolean;
  readonly folder: string;
}

interface LiveFlow {
  readonly agreement: AgreementId;
  readonly chain: Chain;
  readonly ask: Ask;
  readonly use: LiveUse;
  readonly openedAt: { readonly now: Instant; readonly monotonic: number };
  readonly source: PickUp;
  readonly delivery: Delivery;
}

type Chain = VerifiedChain & { readonly ring: KeyRing };

export interface Flows {
  /** Cuts every flow that may no longer run, starts those that may, and says when to look again (monotonic milliseconds). */
  review(): number;
  closeAll(code: string): number;
  stop(): Promise<void>;
  readonly live: readonly string[];
}

/** The service name under which provisioning lists a machine's telemetry adapter. */
const ADAPTER = 'shdr';

export function startFlows(options: FlowsOptions): Flows {
  const live = new Map<string, LiveFlow>();
  const starting = new Set<string>();
  const refusedBefore = new Map<string, string>();

  const end = (id: string, code: string): void => {
    const flow = live.get(id);
    if (!flow) return;
    live.delete(id);
    flow.source.stop();
    flow.delivery.stop();
    const said = {
      kind: 'flow.cut',
      outcome: 'cut',
      at: options.clock.now(),
      code,
      session: id,
      resource: flow.ask.resource,
    } as const;
    void options.book.note(flow.agreement, flow.chain, said, true);
  };

  const refused = (agreement: AgreementId, grant: Signed<Grant>, code: string, clause?: string): void => {
    // One record for each reason, not one for each look.
    if (refusedBefore.get(grant.document.id) === code) return;
    refusedBefore.set(grant.document.id, code);
    const said = {
      kind: 'flow.refused',
      outcome: 'deny',
      at: options.clock.now(),
      code,
      session: grant.document.id,
      ...(clause && { clause }),
    } as const;
    void options.book.note(agreement, undefined, said, false);
  };

  const tryStart = async (agreement: AgreementId, held: HeldAgreement, grant: Signed<Grant>): Promise<void> => {
    const id = grant.document.id;
    if (live.has(id) || starting.has(id)) return;
    starting.add(id);
    try {
      const opened = await openFlow(options, held, grant, () => live.get(id));
      if (opened.allowed) {
        refusedBefore.delete(id);
        live.set(id, { agreement, ...opened.value });
      } else refused(agreement, grant, opened.refusal.code, opened.refusal.clause);
    } finally {
      starting.delete(id);
    }
  };

  const review = (): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const [id, flow] of live) {
      const still = mayGoOn(options, flow);
      if (!still.allowed) end(id, still.refusal.code);
      else next = Math.min(next, still.value.until);
    }
    for (const [agreement, held] of options.keeper.agreements) {
      for (const grant of held.flows) if (isOurs(options.self, grant.document)) void tryStart(agreement, held, grant);
    }
    return next;
  };

  return {
    review,
    closeAll: (code) => {
      const all = [...live.keys()];
      for (const id of all) end(id, code);
      return all.length;
    },
    stop: async () => {
      for (const flow of live.values()) await flow.delivery.stop();
    },
    get live() {
      return [...live.keys()];
    },
  };
}

const isOurs = (self: Provisioned, grant: Grant): boolean =>
  grant.resources.every((resource) => resource.owner === self.organisation && self.resources.includes(resource.id));

function mayGoOn(options: FlowsOptions, flow: Omit<LiveFlow, 'source' | 'delivery'>): Decision<{ until: number }> {
  const held = options.keeper.agreements.get(flow.agreement);
  if (options.lockout.isSet()) return refuse('lockout');
  if (!held || held.digest !== flow.chain.agreementDigest) return refuse('grant_of_other_agreement');
  const monotonic = options.clock.monotonic();
  const stop = endOf(flow.use, leasesOf(held));
  if (stop.at <= monotonic) return refuse(stop.code);
  const now = flow.openedAt.now + (monotonic - flow.openedAt.monotonic);
  const decision = decide(flow.chain, flow.ask, circumstancesOf(held), now);
  return decision.allowed ? allow({ until: stop.at }) : decision;
}

/** Follows the whole chain of a data-collection grant and starts pick-up, sealing and delivery where it holds. */
async function openFlow(
  options: FlowsOptions,
  held: HeldAgreement,
  grant: Signed<Grant>,
  current: () => LiveFlow | undefined,
): Promise<Decision<Omit<LiveFlow, 'agreement'>>> {
  const { self, clock } = options;
  const judged = await judgeFlow(options, held, grant);
  if (!judged.allowed) return judged;
  const { chain, ask, use, term } = judged.value;
  const target = self.document.targets.find((one) => one.resource === ask.resource.id && one.service === ADAPTER);
  const region = self.document.regions.find((one) => term.regions.includes(one.region));
  if (!target || !region) return refuse('not_on_provisioning_list', { clause: target ? 'region' : ADAPTER });
  const openedAt = { now: clock.now(), monotonic: clock.monotonic() };
  const id = grant.document.id;
  const written = await options.book.note(
    chain.agreement.id,
    chain,
    {
      kind: 'flow.opened',
      outcome: 'allow',
      at: clock.now(),
      session: id,
      resource: ask.resource,
      region: region.region,
      recipients: term.recipients,
      clause: term.type,
    },
    false,
  );
  if (!written.allowed) return written;
  const spool = openSpool(join(options.folder, id));
  const delivery = startDelivery({ ...options, chain, term, endpoint: region, spool, flow: id });
  const may = (): Decision<unknown> => {
    const flow = current();
    return flow
      ? mayGoOn(options, flow)
      : mayGoOn(options, { agreement: chain.agreement.id, chain, ask, use, openedAt });
  };
  const source = sealedFlow({
    self,
    chain,
    term,
    region: region.region,
    target,
    spool,
    now: () => clock.now(),
    may,
    onSealed: () => delivery.kick(),
    onRefused: (code) => options.log.warn({ event: 'flow.refused', code, session: id }, 'batch not sealed'),
  });
  if (!source.allowed) {
    await delivery.stop();
    return source;
  }
  return allow({ chain, ask, use, openedAt, source: source.value, delivery });
}

async function judgeFlow(
  options: FlowsOptions,
  held: HeldAgreement,
  grant: Signed<Grant>,
): Promise<Decision<{ chain: Chain; ask: Ask; use: LiveUse; term: DataTerm }>> {
  const { self, clock } = options;
  const [subject, resource, action] = [
    grant.document.subjects[0],
    grant.document.resources[0],
    grant.document.actions[0],
  ];
  if (options.lockout.isSet()) return refuse('lockout');
  if (!subject || !resource || !action) return refuse('malformed', { clause: 'grant' });
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  const openKey = withoutRevoked(held.ring, held.acts.values())
    .held(subject.organisation, 'workload', subject.id)
    .filter((key) => key.purposes.includes('open') && key.notBefore <= now && now < key.notAfter)
    .sort((a, b) => b.notBefore - a.notBefore)[0];
  if (!openKey) return refuse('subject_unknown', { clause: 'open' });
  if (grant.document.kind !== 'data-collection') return refuse('kind_not_agreed', { clause: grant.document.kind });
  const chain = await verifyChain(held.chainOf(grant), self.pins, self, { leaf: openKey.kid, subject }, now);
  if (!chain.allowed) return chain;
  const term = dataTerm(chain.value.agreement, action, resource);
  if (!term) return refuse('action_not_agreed');
  const ask: Ask = { subject, leaf: openKey.kid, action, resource, session: null };
  const decision = decide(chain.value, ask, circumstancesOf(held), now);
  if (!decision.allowed) return decision;
  const use: LiveUse = {
    agreement: chain.value.agreement,
    grant: chain.value.grant,
    resource,
    windowEnd: deadline(decision.value.window.to, now, monotonic),
    agreementEnd: deadline(chain.value.agreement.endsAt, now, monotonic),
  };
  const end = endOf(use, leasesOf(held));
  if (end.at <= clock.monotonic()) return refuse(end.code);
  return clock.runsAhead() ? refuse('clock_ahead') : allow({ chain: chain.value, ask, use, term });
}
