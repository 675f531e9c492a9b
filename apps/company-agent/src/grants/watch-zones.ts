import { hoursDiffer, OWN_ZONES, windowsDiffer, type ZoneDatabase } from '@interlock/company-side/calendar';
import { termsOfType } from '@interlock/domain';
import { type Agent, finding } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { holdGrant } from './read-grant.js';

/**
 * Compares, once for each start, what was signed by another version of the zone database with the one this process has. What differs is a finding, since a
 * machine would be open at another hour than its plant now reads; the instants that both sides signed stand until both sign others.
 */
export function watchZones(agent: Agent, zones: ZoneDatabase = OWN_ZONES): () => Promise<void> {
  let looked = false;
  return async () => {
    if (looked) return;
    const grants = await agent.broker.grants();
    if (!grants.allowed) return;
    looked = true;
    await hoursOfAgreements(agent, zones);
    for (const view of grants.value.grants) {
      const held = await holdGrant(agent, view, view.status);
      const right = held.allowed ? held.value.grant.document : undefined;
      if (right?.typ !== 'grant' || !windowsDiffer(right, agent.now(), zones)) continue;
      await finding(
        agent,
        'recurrence_differs',
        saying(right.id, right.recurrence?.zoneDatabase, zones),
        right.agreementId,
      );
    }
  };
}

async function hoursOfAgreements(agent: Agent, zones: ZoneDatabase): Promise<void> {
  for (const agreement of allInForce(agent))
    for (const term of termsOfType(agreement, 'hours')) {
      if (!hoursDiffer(term, { from: agent.now(), to: agreement.endsAt }, zones)) continue;
      await finding(agent, 'recurrence_differs', saying(`hours of ${term.kind}`, term.tzdata, zones), agreement.id);
    }
}

const saying = (what: string, signed: string | undefined, { version }: ZoneDatabase): string =>
  `${what}: signed by zone database ${signed}, and other by ${version}; what was signed stands`;
