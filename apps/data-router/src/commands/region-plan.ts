import { type BusAgreement, type BusPlan, compileBus, streamName } from '@interlock/bus';
import type { AgreementId, GrantId, LocalId } from '@interlock/domain';
import type { OperatedRegion } from '../regions/regions.js';
import type { Route } from '../store/route.store.js';
import type { StoredStream } from '../store/stored-stream.store.js';

/** A flow on the bus is one grant from one gateway: of two gateways of one machine, each has a stream of its own. */
const flowIdOf = (grant: GrantId, gateway: LocalId): string => `${grant}/${gateway}`;

/** The grant a flow of the bus stands for. */
export const grantOf = (flowId: string): GrantId => flowId.slice(0, flowId.indexOf('/')) as GrantId;

/** What must exist on the bus of one region for these routes, and nothing else. */
export function regionPlan(region: OperatedRegion, routes: readonly Route[], flowBytes: number): BusPlan {
  const agreements = new Map<AgreementId, Route[]>();
  for (const route of routes) {
    if (!route.regions.includes(region.name)) continue;
    agreements.set(route.agreementId, [...(agreements.get(route.agreementId) ?? []), route]);
  }
  const input = [...agreements.values()].flatMap((all) => busAgreement(all, region.name, flowBytes));
  return compileBus({ region: region.name, agreements: input }, (name) => region.keys.accountKeys(name).publicKey);
}

/** The streams that this region comes to hold for these routes. */
export const streamsOf = (region: LocalId, routes: readonly Route[]): readonly StoredStream[] =>
  routes
    .filter((route) => route.regions.includes(region))
    .flatMap(({ agreementId, owner, gateways, recipients, retentionSeconds }) =>
      gateways.map((gateway) => ({
        name: streamName(agreementId, { organisation: owner, gateway }, recipients, retentionSeconds),
        agreementId,
      })),
    );

function busAgreement(routes: readonly Route[], region: LocalId, flowBytes: number): BusAgreement[] {
  const [first] = routes;
  if (!first) return [];
  const flowsOf = (some: readonly Route[]) =>
    some.flatMap((route) =>
      route.gateways.map((gateway) => ({
        flowId: flowIdOf(route.grant, gateway),
        region,
        publisher: { organisation: route.owner, gateway },
        recipients: route.recipients,
        maxBytes: flowBytes,
        retentionSeconds: route.retentionSeconds,
      })),
    );
  const flows = flowsOf(routes.filter((one) => !one.drain));
  const drains = flowsOf(routes.filter((one) => one.drain));
  const { agreementId, agreement, parties } = first;
  return [{ agreementId, agreementDigest: agreement, organisations: parties, flows, drains }];
}
