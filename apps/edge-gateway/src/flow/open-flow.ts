import { join } from 'node:path';
import type { AskScanner, BrokerClient, Log } from '@interlock/company-side';
import {
  allow,
  type Decision,
  type Grant,
  type Instant,
  refuse,
  regionAllowed,
  type Signed,
  safetyNotice,
} from '@interlock/domain';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { Said } from '../evidence/gateway-record.js';
import { flowScan } from '../scanning/flow-scan.js';
import { type HeldFindings, heldFindings } from '../scanning/held-findings.js';
import type { OwnPoint } from '../session/own-point.js';
import type { StandingKeeper } from '../standing/keep-standing.js';
import { type Delivery, type DeliveryOptions, startDelivery } from './delivery.js';
import { nameFlow } from './erase-ended.js';
import { fetchFrom } from './fetch-from.js';
import { type FlowJudge, flowStillAllowed, type JudgedFlow, judgeFlow } from './judge-flow.js';
import type { RegionEndpoint } from './link-agreed.js';
import { type SealedFlow, sealedFlow } from './sealed-flow.js';
import { openSpool } from './spool.js';

export interface FlowsOptions extends FlowJudge {
  readonly log: Log;
  readonly book: EvidenceBook;
  /** What the own company's decision point says before something opens. */
  readonly point: OwnPoint;
  readonly broker: BrokerClient;
  readonly keeper: StandingKeeper;
  readonly folder: string;
  /** Looks at what flows seal whose agreement asks for it. */
  readonly scanner?: AskScanner | undefined;
}

export interface LiveFlow {
  readonly judged: JudgedFlow;
  readonly source: SealedFlow;
  readonly delivery: Delivery;
  readonly findings: HeldFindings;
}

/** Judges a data-collection grant and starts pick-up, sealing and delivery where it holds; the allow record is on disk first. */
export async function openFlow(
  options: FlowsOptions,
  agreement: Signed<Grant>['document']['agreementId'],
  grant: Signed<Grant>,
): Promise<Decision<LiveFlow>> {
  const held = options.keeper.agreements.get(agreement);
  if (!held) return refuse('lease_over', { clause: 'agreement not held' });
  const judged = await judgeFlow(options, held, grant);
  if (!judged.allowed) return judged;
  const endpoints = endpointsFor(options.self.document.regions, judged.value);
  if (!endpoints.allowed) return endpoints;
  const word = await options.point.ask(judged.value.chain, judged.value.ask);
  if (!word.allowed) return word;
  const before = mayGoOn(options, judged.value);
  if (!before.allowed) return before;
  const written = await noteOpened(options, judged.value, endpoints.value[0].region);
  if (!written.allowed) return written;
  // A cut may have come while the record was being written.
  const after = mayGoOn(options, judged.value);
  if (!after.allowed) return after;
  const begun = begin(options, judged.value);
  return begun ? start(options, begun, endpoints.value) : refuse('evidence_unavailable');
}

/** Where safety rests on it, the flow is on the disk as opened, and goes on from there; undefined where that cannot be written. */
function begin({ working, clock }: FlowsOptions, judged: JudgedFlow): JudgedFlow | undefined {
  const { agreement, grant, resource } = judged.use;
  if (safetyNotice(agreement, grant.kind, resource) === undefined) return judged;
  if (working.begin(grant, clock.now()) === undefined) return undefined;
  return { ...judged, use: { ...judged.use, resumed: true } };
}

/** The provisioned regions that the agreement allows for this data, in the order in which the own company named them. */
function endpointsFor(
  provisioned: readonly RegionEndpoint[],
  { reading, term }: JudgedFlow,
): Decision<DeliveryOptions['endpoints']> {
  const named = provisioned.filter((one) => term.regions.includes(one.region));
  if (named.length === 0) return refuse('not_on_provisioning_list', { clause: 'region' });
  const [first, ...more] = named.filter((one) => regionAllowed(reading, term, one.region).allowed);
  return first ? allow([first, ...more]) : refuse('region_not_agreed', { clause: 'transfer' });
}

/** Whether a flow may go on under what is held now. */
export const mayGoOn = (options: FlowsOptions, judged: JudgedFlow): Decision<{ until: number }> =>
  flowStillAllowed(options, judged, options.keeper.agreements.get(judged.use.agreement.id));

function noteOpened(
  { book, clock }: FlowsOptions,
  { chain, ask, term, use }: JudgedFlow,
  region: (typeof term.regions)[number],
) {
  const said = {
    kind: 'flow.opened',
    outcome: 'allow',
    at: clock.now(),
    session: chain.grant.id,
    resource: ask.resource,
    region,
    recipients: term.recipients,
    clause: term.type,
  } as const;
  // What safety rests on is taken up again on a full disk too, from the space that is kept for it.
  return book.note(chain.agreement.id, chain, said, use.resumed ?? false);
}

function start(options: FlowsOptions, judged: JudgedFlow, endpoints: DeliveryOptions['endpoints']): Decision<LiveFlow> {
  const { self, clock, log } = options;
  const { ask, chain, reading, term } = judged;
  const id = chain.grant.id;
  const spool = openSpool(join(options.folder, id));
  nameFlow(join(options.folder, id), chain.agreement.id);
  const delivery = startDelivery({ ...options, chain, reading, term, endpoints, spool, flow: id });
  const findings = heldFindings(join(options.folder, id, 'held'), term.retentionSeconds);
  const source = sealedFlow({
    self,
    chain,
    term,
    region: () => delivery.region,
    fetch: (minimise, take) => fetchFrom(self, ask.resource.id, { minimise, take, now: () => clock.now() }),
    spool,
    now: () => clock.now(),
    may: () => mayGoOn(options, judged),
    onSealed: () => delivery.kick(),
    onRefused: (code) => log.warn({ event: 'flow.refused', code, session: id }, 'batch not sealed'),
    scan: scanOf(options, judged, findings),
  });
  if (!source.allowed) {
    void delivery.stop();
    return source;
  }
  // What a restart or a dead region left in the spool goes first.
  delivery.kick();
  return allow({ judged, source: source.value, delivery, findings });
}

function scanOf({ scanner, clock, book }: FlowsOptions, { chain, ask, term }: JudgedFlow, findings: HeldFindings) {
  const note = (
    kind: 'scan.quarantined' | 'flow.refused',
    at: Instant,
    said: Pick<Said, 'code' | 'clause' | 'documents' | 'count' | 'recipients'>,
  ) =>
    void book.note(
      chain.agreement.id,
      chain,
      { kind, outcome: 'deny', at, session: chain.grant.id, resource: ask.resource, ...said },
      false,
    );
  return flowScan({
    ...{ term, scanner, findings, now: () => clock.now() },
    onHeld: ({ digest, reason }, { observations: { length: count } }, foundAt) =>
      note('scan.quarantined', foundAt, {
        code: 'scan_not_clean',
        clause: reason ?? 'engine_failed',
        documents: [digest],
        recipients: term.recipients,
        count,
      }),
    onUnavailable: () => note('flow.refused', clock.now(), { code: 'scanner_unavailable', clause: term.type }),
  });
}
