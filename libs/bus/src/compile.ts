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
import { accountName, agreementKey, flowKey, streamName } from './names.js';
import { ackSubject, nextSubject, publishedSubject, storedSubject } from './subjects.js';

/** Flows of one gateway under one retention: they share a stream. */
interface Lane {
  readonly stream: string;
  readonly organisation: string;
  readonly gateway: string;
  readonly retentionSeconds: number;
  readonly flows: readonly BusFlow[];
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
    templates: compiled.flatMap(({ templates }) => templates).sort(by(templateOrder)),
    refused: refused.sort(by((fault) => JSON.stringify([fault.agreementId, fault.agreementDigest, fault.code]))),
  };
}

function compileAgreement(agreement: BusAgreement, region: string, keyOf: AccountKeyOf): Compiled {
  const lanes = lanesOf(agreement, region);
  const account = new Map<string, string>();
  for (const organisation of agreement.organisations) {
    account.set(organisation, keyOf(accountName(agreement.agreementId, organisation)));
  }
  const key = (organisation: string): string => account.get(organisation) ?? '';
  const templates = [
    ...publisherTemplates(agreement, lanes, key),
    ...agreement.organisations.flatMap((organisation) => recipientTemplate(agreement, organisation, lanes, key)),
  ];
  return {
    streams: lanes.map((lane) => compileStream(agreement, lane, key)),
    templates,
    accounts: agreement.organisations.flatMap((organisation) =>
      compileAccount(agreement, organisation, lanes, templates, key),
    ),
  };
}

function lanesOf(agreement: BusAgreement, region: string): Lane[] {
  const lanes = new Map<string, BusFlow[]>();
  for (const flow of agreement.flows.filter((each) => each.region === region)) {
    const { organisation, gateway } = flow.publisher;
    const name = streamName(agreement.agreementId, organisation, gateway, flow.retentionSeconds);
    lanes.set(name, [...(lanes.get(name) ?? []), flow]);
  }
  return [...lanes].map(([stream, flows]) => {
    const first = flows[0] as BusFlow;
    const sorted = flows.sort(by((flow) => flow.flowId));
    return { stream, ...first.publisher, retentionSeconds: first.retentionSeconds, flows: sorted };
  });
}

function stored(agreement: BusAgreement, lane: Lane, flow: BusFlow, key: (organisation: string) => string): string {
  return storedSubject(key(lane.organisation), lane.stream, flowKey(agreement.agreementId, flow.flowId));
}

function compileStream(agreement: BusAgreement, lane: Lane, key: (organisation: string) => string): BusStream {
  const recipients = new Set(lane.flows.flatMap(({ recipients }) => recipients));
  const durables = [...recipients].map((recipient) => ({
    name: key(recipient),
    filterSubjects: lane.flows
      .filter((flow) => flow.recipients.includes(recipient))
      .map((flow) => stored(agreement, lane, flow, key))
      .sort(),
  }));
  return {
    name: lane.stream,
    subjects: lane.flows.map((flow) => stored(agreement, lane, flow, key)).sort(),
    maxBytes: lane.flows.reduce((sum, flow) => sum + flow.maxBytes, 0),
    retentionSeconds: lane.retentionSeconds,
    durables: durables.sort(by(({ name }) => name)),
  };
}

function publisherTemplates(
  agreement: BusAgreement,
  lanes: readonly Lane[],
  key: (organisation: string) => string,
): PublisherTemplate[] {
  const templates = new Map<string, PublisherTemplate>();
  for (const lane of [...lanes].sort(by(({ stream }) => stream))) {
    const place = JSON.stringify([lane.organisation, lane.gateway]);
    const flows = lane.flows.map(({ flowId }) => ({
      flowId,
      subject: publishedSubject(agreementKey(agreement.agreementId), flowKey(agreement.agreementId, flowId)),
    }));
    templates.set(place, {
      role: 'publisher',
      ...owner(agreement, lane.organisation, key),
      gateway: lane.gateway,
      flows: [...(templates.get(place)?.flows ?? []), ...flows].sort(by(({ flowId }) => flowId)),
    });
  }
  return [...templates.values()];
}

function recipientTemplate(
  agreement: BusAgreement,
  organisation: string,
  lanes: readonly Lane[],
  key: (organisation: string) => string,
): RecipientTemplate[] {
  const pulls = lanes.flatMap((lane) => {
    const flows = lane.flows.filter((flow) => flow.recipients.includes(organisation));
    if (flows.length === 0) return [];
    const durable = key(organisation);
    return {
      stream: lane.stream,
      durable,
      next: nextSubject(lane.stream, durable),
      ack: ackSubject(lane.stream, durable),
      flows: flows.map((flow) => ({ flowId: flow.flowId, filterSubject: stored(agreement, lane, flow, key) })),
    };
  });
  if (pulls.length === 0) return [];
  return [{ role: 'recipient', ...owner(agreement, organisation, key), pulls: pulls.sort(by(({ stream }) => stream)) }];
}

function owner(agreement: BusAgreement, organisation: string, key: (organisation: string) => string) {
  const { agreementId, agreementDigest } = agreement;
  const account = accountName(agreementId, organisation);
  return { account, accountKey: key(organisation), agreementId, agreementDigest, organisation };
}

/** An organisation without a part in this region's flows has no account here. */
function compileAccount(
  agreement: BusAgreement,
  organisation: string,
  lanes: readonly Lane[],
  templates: readonly BusUserTemplate[],
  key: (organisation: string) => string,
): BusAccount[] {
  const published: BusImport[] = lanes
    .filter((lane) => lane.organisation === organisation)
    .flatMap((lane) =>
      lane.flows.map((flow) => ({
        kind: 'publish',
        subject: stored(agreement, lane, flow, key),
        localSubject: publishedSubject(
          agreementKey(agreement.agreementId),
          flowKey(agreement.agreementId, flow.flowId),
        ),
      })),
    );
  const pulled: BusImport[] = templates
    .filter((template) => template.role === 'recipient' && template.organisation === organisation)
    .flatMap((template) => (template.role === 'recipient' ? template.pulls : []))
    .flatMap(({ next, ack }) => [
      { kind: 'next', subject: next, localSubject: next },
      { kind: 'ack', subject: ack, localSubject: ack },
    ]);
  if (published.length + pulled.length === 0) return [];
  const name = accountName(agreement.agreementId, organisation);
  const imports = [...published, ...pulled].sort(by(({ subject }) => subject));
  return [{ name, publicKey: key(organisation), imports }];
}

const templateOrder = (template: BusUserTemplate): string =>
  JSON.stringify([template.account, template.role, template.role === 'publisher' ? template.gateway : '']);

/** Order by code units: the same on every machine, whatever its locale. */
function by<T>(textOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
}
