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
import { ackSubject, nextSubject, publishedSubject, storedSubject } from './subjects.js';

/** Flows of one gateway under one retention: they share a stream. */
interface Lane {
  readonly stream: string;
  readonly organisation: string;
  readonly gateway: string;
  readonly retentionSeconds: number;
  readonly flows: readonly LaneFlow[];
}

interface LaneFlow extends BusFlow {
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
  for (const flow of agreement.flows.filter((each) => each.region === region)) {
    const { organisation, gateway } = flow.publisher;
    const stream = streamName(agreementId, organisation, gateway, flow.retentionSeconds);
    const key = flowKey(agreementId, flow.flowId);
    const subject = publishedSubject(agreementKey(agreementId), key);
    const account = keyOf(publisherAccount(agreementId, organisation, gateway));
    const named = { ...flow, subject, storedSubject: storedSubject(account, stream, key) };
    const flows = [...(lanes.get(stream)?.flows ?? []), named];
    lanes.set(stream, { stream, organisation, gateway, retentionSeconds: flow.retentionSeconds, flows });
  }
  return [...lanes.values()]
    .map((lane) => ({ ...lane, flows: [...lane.flows].sort(by(({ flowId }) => flowId)) }))
    .sort(by(({ stream }) => stream));
}

function compileStream(agreement: BusAgreement, lane: Lane, keyOf: AccountKeyOf): BusStream {
  const recipients = new Set(lane.flows.flatMap((flow) => flow.recipients));
  const durables = [...recipients].map((recipient) => ({
    name: keyOf(recipientAccount(agreement.agreementId, recipient)),
    filterSubjects: lane.flows.filter((flow) => flow.recipients.includes(recipient)).map((flow) => flow.storedSubject),
  }));
  return {
    name: lane.stream,
    subjects: lane.flows.map((flow) => flow.storedSubject),
    maxBytes: lane.flows.reduce((sum, flow) => sum + flow.maxBytes, 0),
    retentionSeconds: lane.retentionSeconds,
    durables: durables.sort(by(({ name }) => name)),
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
    const more = flows.map(({ flowId, subject, storedSubject }) => ({ flowId, subject, storedSubject }));
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
  const pulls = lanes.flatMap(({ stream, flows }) => {
    const read = flows.filter((flow) => flow.recipients.includes(organisation));
    if (read.length === 0) return [];
    const carried = read.map(({ flowId, storedSubject }) => ({ flowId, storedSubject }));
    return [{ stream, durable, next: nextSubject(stream, durable), ack: ackSubject(stream, durable), flows: carried }];
  });
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
