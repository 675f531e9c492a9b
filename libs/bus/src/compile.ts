import type {
  AccountKeyOf,
  BusAccount,
  BusAgreement,
  BusFlow,
  BusImport,
  BusInput,
  BusPlan,
  BusStream,
  BusUserTemplate,
  PublisherTemplate,
  RecipientTemplate,
  UncompiledAgreement,
} from './bus-plan.js';
import { findAgreementFault } from './find-agreement-fault.js';
import { agreementKey, flowKey, publisherAccount, recipientAccount, streamName } from './names.js';
import { ackSubject, nextSubject, publishedSubject, storedSubject, streamSubject } from './subjects.js';

/** Flows of one gateway with the same readers and retention: they share a stream. */
interface Lane {
  readonly stream: string;
  readonly organisation: string;
  readonly gateway: string;
  readonly recipients: readonly string[];
  readonly retentionSeconds: number;
  readonly flows: LaneFlow[];
}

interface LaneFlow {
  readonly flowId: string;
  readonly maxBytes: number;
  /** Whether it is published, or only what was stored is still read. */
  readonly live: boolean;
  /** What its publisher calls it. */
  readonly subject: string;
  /** What it is called in the region account. */
  readonly storedSubject: string;
}

interface Compiled {
  readonly accounts: readonly BusAccount[];
  readonly streams: readonly BusStream[];
  readonly templates: readonly BusUserTemplate[];
}

/**
 * Turns the agreements in force into all that must exist on one region's bus. Pure: the same agreements in any order
 * give the same plan. It only ever allows by name, and each name is owed to one agreed flow of that agreement.
 * An agreement that contradicts itself is left out whole and named in `refused`.
 *
 * @param keyOf public key of each account; account keys stand in subjects, where the server checks them
 */
export function compileBus(input: BusInput, keyOf: AccountKeyOf): BusPlan {
  const refused: UncompiledAgreement[] = [];
  const compiled: Compiled[] = [];
  const times = new Map<string, number>();
  for (const { agreementId } of input.agreements) times.set(agreementId, (times.get(agreementId) ?? 0) + 1);
  for (const agreement of input.agreements) {
    const { agreementId, agreementDigest } = agreement;
    const fault = findAgreementFault(agreement, input.region, (times.get(agreementId) ?? 0) > 1);
    if (fault !== undefined) refused.push({ agreementId, agreementDigest, ...fault });
    else compiled.push(compileAgreement(agreement, input.region, keyOf));
  }
  const byName = by<{ readonly name: string }>(({ name }) => name);
  return {
    region: input.region,
    accounts: compiled.flatMap(({ accounts }) => accounts).sort(byName),
    streams: compiled.flatMap(({ streams }) => streams).sort(byName),
    templates: compiled.flatMap(({ templates }) => templates).sort(by(({ account }) => account)),
    refused: refused.sort(by((fault) => JSON.stringify([fault.agreementId, fault.agreementDigest, fault.code]))),
  };
}

function compileAgreement(agreement: BusAgreement, region: string, keyOf: AccountKeyOf): Compiled {
  const lanes = lanesOf(agreement, region, keyOf);
  const templates: BusUserTemplate[] = [
    ...publisherTemplates(agreement, lanes, keyOf),
    ...agreement.organisations.flatMap((organisation) => recipientTemplate(agreement, organisation, lanes, keyOf)),
  ];
  return {
    templates,
    accounts: templates.map(compileAccount),
    streams: lanes.map((lane) => compileStream(agreement, lane, keyOf)),
  };
}

function lanesOf(agreement: BusAgreement, region: string, keyOf: AccountKeyOf): Lane[] {
  const { agreementId } = agreement;
  const lanes = new Map<string, Lane>();
  const agreementToken = agreementKey(agreementId);
  const add = ({ flowId, publisher, recipients, retentionSeconds, maxBytes }: BusFlow, live: boolean): void => {
    const stream = streamName(agreementId, publisher, recipients, retentionSeconds);
    const lane = lanes.get(stream) ?? { stream, ...publisher, recipients, retentionSeconds, flows: [] };
    lanes.set(stream, lane);
    if (!live && lane.flows.some((flow) => flow.flowId === flowId)) return;
    const key = flowKey(agreementId, flowId);
    const account = keyOf(publisherAccount(agreementId, publisher.organisation, publisher.gateway));
    const subject = publishedSubject(agreementToken, key);
    lane.flows.push({ flowId, maxBytes, live, subject, storedSubject: storedSubject(account, stream, key) });
  };
  const here = (flows: readonly BusFlow[]): BusFlow[] => flows.filter((flow) => flow.region === region);
  for (const flow of here(agreement.flows)) add(flow, true);
  // Of two earlier versions that share a stream, the larger one decides, whatever the order.
  const drains = here(agreement.drains ?? []).sort((a, b) => b.maxBytes - a.maxBytes);
  for (const flow of drains) add(flow, false);
  for (const { flows } of lanes.values()) flows.sort(by(({ flowId }) => flowId));
  return [...lanes.values()].sort(by(({ stream }) => stream));
}

function compileStream(agreement: BusAgreement, lane: Lane, keyOf: AccountKeyOf): BusStream {
  const publisher = keyOf(publisherAccount(agreement.agreementId, lane.organisation, lane.gateway));
  const subject = streamSubject(publisher, lane.stream);
  const readers = lane.recipients.map((recipient) => keyOf(recipientAccount(agreement.agreementId, recipient)));
  return {
    name: lane.stream,
    subject,
    maxBytes: lane.flows.reduce((sum, flow) => sum + flow.maxBytes, 0),
    retentionSeconds: lane.retentionSeconds,
    durables: readers.sort().map((name) => ({ name, filterSubject: subject })),
  };
}

/** One for each gateway. */
function publisherTemplates(
  agreement: BusAgreement,
  lanes: readonly Lane[],
  keyOf: AccountKeyOf,
): readonly PublisherTemplate[] {
  const { agreementId, agreementDigest } = agreement;
  const templates = new Map<string, PublisherTemplate>();
  for (const { organisation, gateway, flows } of lanes) {
    const account = publisherAccount(agreementId, organisation, gateway);
    const live = flows.filter((flow) => flow.live);
    if (live.length === 0) continue;
    const more = live.map(({ flowId, subject, storedSubject }) => ({ flowId, subject, storedSubject }));
    templates.set(account, {
      role: 'publisher',
      account,
      accountKey: keyOf(account),
      agreementId,
      agreementDigest,
      organisation,
      gateway,
      flows: [...(templates.get(account)?.flows ?? []), ...more].sort(by(({ flowId }) => flowId)),
    });
  }
  return [...templates.values()];
}

/** One for an organisation that reads at least one flow. */
function recipientTemplate(
  agreement: BusAgreement,
  organisation: string,
  lanes: readonly Lane[],
  keyOf: AccountKeyOf,
): readonly RecipientTemplate[] {
  const { agreementId, agreementDigest } = agreement;
  const account = recipientAccount(agreementId, organisation);
  const durable = keyOf(account);
  const read = lanes.filter(({ recipients }) => recipients.includes(organisation));
  const pulls = read.map(({ stream, flows }) => ({
    stream,
    durable,
    next: nextSubject(stream, durable),
    ack: ackSubject(stream, durable),
    flows: flows.map(({ flowId, storedSubject }) => ({ flowId, storedSubject })),
  }));
  if (pulls.length === 0) return [];
  return [{ role: 'recipient', account, accountKey: durable, agreementId, agreementDigest, organisation, pulls }];
}

/** An account can reach what its one template names, so that even its own signing key gives nobody more. */
function compileAccount(template: BusUserTemplate): BusAccount {
  const imports: readonly BusImport[] =
    template.role === 'publisher'
      ? template.flows.map((flow) => ({ kind: 'publish', subject: flow.storedSubject, localSubject: flow.subject }))
      : template.pulls.flatMap(({ next, ack }) => [
          { kind: 'next', subject: next, localSubject: next },
          { kind: 'ack', subject: ack, localSubject: ack },
        ]);
  return { name: template.account, publicKey: template.accountKey, imports };
}

/** Order by code units: the same on every machine, whatever its locale. */
function by<T>(textOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
}
