import { setTimeout as pause } from 'node:timers/promises';
import { type BusUserTemplate, issueUser } from '@interlock/bus';
import { type Tx } from '@interlock/chassis/db';
import type { AskBusUser, AskOf, BusUser, RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type GrantId, refuse } from '@interlock/domain';
import type { OperatedRegion } from '../regions/regions.js';
import { findAgreement } from '../store/agreement.store.js';
import { record } from '../store/evidence.store.js';
import { type RouteRow, routesUnder } from '../store/route.store.js';
import { keepUser } from '../store/user.store.js';
import { seconds, type Verbs } from '../verbs.js';
import { grantOf, regionPlan } from './region-plan.js';

type Asked = AskOf<typeof AskBusUser>;

/**
 * A user of a region's bus for the caller's own organisation: a gateway may publish what it carries itself, anybody else may pull what its
 * organisation receives. Whoever is not party to the agreement learns nothing of it. The JWT never outlives the first of its routes to end.
 */
export async function issueBusUser(verbs: Verbs, asked: Asked): Promise<Decision<BusUser, RefusalCode>> {
  const end = verbs.clock.monotonic() + WAITS_FOR;
  for (;;) {
    const decision = await decideUser(verbs, asked);
    const soon = !decision.allowed && decision.refusal.code === 'broker_unavailable';
    if (!soon || verbs.clock.monotonic() >= end) return decision;
    await pause(WAIT_STEP);
  }
}

/** A flow that was agreed a moment ago is on the bus within this; whoever asks first need not ask twice. Milliseconds. */
const WAITS_FOR = 1_400;
const WAIT_STEP = 40;

function decideUser(verbs: Verbs, asked: Asked): Promise<Decision<BusUser, RefusalCode>> {
  const { caller, ask } = asked;
  return verbs.transactor.run(async (tx) => {
    await tx.actFor(caller.organisation);
    const agreement = await findAgreement(tx, ask.agreementId);
    if (!agreement) return refuse('not_a_party');
    if ((ask.role === 'publisher') !== (caller.kind === 'gateway')) return refuse('caller_not_allowed');
    const region = verbs.regions.all.get(ask.region);
    if (!region) return refuse('region_not_agreed', { clause: ask.region });
    // Of what is suspended nobody publishes; what was delivered may still be owed to its recipients.
    const suspended = agreement.status === 'suspended';
    if (agreement.status === 'ended' || (suspended && ask.role === 'publisher')) return refuse('taken_away');
    const now = verbs.clock.now();
    const routes = (await routesUnder(tx, ask.agreementId)).filter(
      (route) => route.endsAt > now && route.regions.includes(region.name) && (route.drain || !suspended),
    );
    // Closing an account kills every JWT up to that second; one of the same second would be dead at birth.
    const carried = routes.filter((route) => route.carriedIn.includes(region.name) && route.carriedAt < seconds(verbs));
    const template = templateFor(region, carried, asked, verbs.flowBytes);
    // It is agreed, or may be as soon as the news is read, but the bus has not been made to carry it yet.
    if (!template) {
      if (suspended && routes.length === 0) return refuse('taken_away');
      const soon = agreement.unread || templateFor(region, routes, asked, verbs.flowBytes);
      return refuse(soon ? 'broker_unavailable' : 'outside_grant');
    }
    return issue(tx, verbs, region, asked, template, carried);
  });
}

function templateFor(
  region: OperatedRegion,
  routes: readonly RouteRow[],
  { caller, ask }: Asked,
  flowBytes: number,
): BusUserTemplate | undefined {
  return regionPlan(region, routes, flowBytes).templates.find(
    (one) =>
      one.role === ask.role &&
      one.organisation === caller.organisation &&
      (one.role === 'recipient' || one.gateway === caller.id),
  );
}

async function issue(
  tx: Tx,
  verbs: Verbs,
  region: OperatedRegion,
  { caller, ask }: Asked,
  template: BusUserTemplate,
  routes: readonly RouteRow[],
): Promise<Decision<BusUser, RefusalCode>> {
  const grants = grantsOf(template);
  const ends = routes.filter((route) => grants.includes(route.grant)).map((route) => route.endsAt);
  const now = seconds(verbs);
  const rightEndsAt = Math.floor(Math.min(...ends) / 1_000);
  const wanted = { template, publicKey: ask.nkey, lifeSeconds: verbs.userSeconds, rightEndsAt };
  const issued = issueUser(wanted, region.keys.accountKeys(template.account).signer, now);
  if (!issued.allowed) return refuse(REFUSED[issued.refusal.code], { clause: 'nkey' });
  const { jwt, expiresAt, inboxPrefix } = issued.value;
  const kept = await keepUser(tx, {
    region: region.name,
    account: template.account,
    userKey: ask.nkey,
    agreementId: ask.agreementId,
    organisation: caller.organisation,
    role: ask.role,
    grants,
    issuedAt: now,
    expiresAt,
  });
  if (!kept) return refuse('taken_away', { clause: 'nkey' });
  await record(tx, verbs.ids, {
    ...{ log: ask.agreementId, kind: 'user.issued', outcome: 'allow', at: verbs.clock.now(), region: region.name },
    ...{ organisation: caller.organisation, code: ask.role, documents: [], count: grants.length },
    ...(caller.kind === 'gateway' || caller.kind === 'agent'
      ? { clause: `${caller.kind} ${caller.id}` }
      : { subject: { organisation: caller.organisation, kind: caller.kind, id: caller.id } }),
  });
  return allow({ jwt, expiresAt, inboxPrefix, ...addresses(template) });
}

const REFUSED = {
  bus_user_key_invalid: 'malformed',
  bus_user_life_out_of_range: 'malformed',
  bus_user_right_ended: 'window_over',
  bus_user_source_invalid: 'malformed',
  bus_user_flow_not_agreed: 'outside_grant',
  bus_user_too_many_flows: 'too_large',
} as const satisfies Record<string, RefusalCode>;

const grantsOf = (template: BusUserTemplate): GrantId[] => {
  const flows = template.role === 'publisher' ? template.flows : template.pulls.flatMap((pull) => pull.flows);
  return [...new Set(flows.map((flow) => grantOf(flow.flowId)))];
};

function addresses(template: BusUserTemplate): Pick<BusUser, 'flows' | 'pulls'> {
  if (template.role === 'recipient') {
    return {
      flows: [],
      pulls: template.pulls.map(({ stream, durable, next, ack }) => ({ stream, durable, next, ack })),
    };
  }
  return { flows: template.flows.map(({ flowId, subject }) => ({ flowId: grantOf(flowId), subject })), pulls: [] };
}
