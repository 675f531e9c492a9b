import type { BusAgreement, BusAgreementFault, BusFlow } from './bus-plan.js';
import { flowKey } from './names.js';

interface Fault {
  readonly code: BusAgreementFault;
  readonly detail: string;
}

/**
 * The first reason why an agreement cannot be compiled for this region, or nothing.
 * Unknown is no: a flow that names a stranger, or no limit, must not shape the bus.
 */
export function findAgreementFault(agreement: BusAgreement, region: string, twice: boolean): Fault | undefined {
  if (twice) return { code: 'agreement_named_twice', detail: 'one version of an agreement is in force, not two' };
  const { agreementId, agreementDigest, organisations } = agreement;
  if ([agreementId, agreementDigest, ...organisations].includes('')) {
    return { code: 'name_empty', detail: 'an id, a digest or an organisation' };
  }
  if (new Set(organisations).size !== organisations.length) {
    return { code: 'organisation_named_twice', detail: organisations.join(', ') };
  }
  const live = agreement.flows.filter((flow) => flow.region === region);
  const all = [...live, ...(agreement.drains ?? []).filter((flow) => flow.region === region)];
  const names = new Map<string, string>();
  for (const flow of all) {
    const key = flowKey(agreementId, flow.flowId);
    if ((names.get(key) ?? flow.flowId) !== flow.flowId) return { code: 'flow_named_twice', detail: flow.flowId };
    names.set(key, flow.flowId);
    const fault = findFlowFault(flow, organisations);
    if (fault !== undefined) return fault;
  }
  if (new Set(live.map(({ flowId }) => flowId)).size !== live.length) {
    return { code: 'flow_named_twice', detail: 'one flow is agreed once' };
  }
  const sum = all.reduce((bytes, flow) => bytes + flow.maxBytes, 0);
  return Number.isSafeInteger(sum) ? undefined : { code: 'flow_limits_invalid', detail: 'the sum of maxBytes' };
}

/** Longest retention the server can hold: nanoseconds in 64 bits, about 292 years. */
const MAX_SECONDS = 9_000_000_000;

function findFlowFault(flow: BusFlow, organisations: readonly string[]): Fault | undefined {
  const { flowId, publisher, recipients, maxBytes, retentionSeconds } = flow;
  if (flowId === '' || publisher.gateway === '')
    return { code: 'name_empty', detail: `flow "${flowId}" or its gateway` };
  if (!organisations.includes(publisher.organisation)) return { code: 'flow_publisher_not_party', detail: flowId };
  if (new Set(recipients).size !== recipients.length) return { code: 'organisation_named_twice', detail: flowId };
  if (recipients.length === 0) return { code: 'flow_without_recipient', detail: flowId };
  const stranger = recipients.find((recipient) => !organisations.includes(recipient));
  if (stranger !== undefined) return { code: 'flow_recipient_not_party', detail: `${flowId}: ${stranger}` };
  const whole = [maxBytes, retentionSeconds].every((limit) => Number.isSafeInteger(limit) && limit > 0);
  return whole && retentionSeconds <= MAX_SECONDS ? undefined : { code: 'flow_limits_invalid', detail: flowId };
}
