import type { Journal } from '@interlock/company-side';
import type { FiguresOf } from '@interlock/contracts';
import type { BrokerLine } from './broker-line.js';
import type { Flows } from './flow/flows.js';
import type { GatewayClock } from './gateway-clock.js';
import type { Lockout } from './plant/lockout.js';
import { PROGRAM } from './program-report.js';
import type { Provisioned } from './provisioning.js';
import type { Sessions } from './session/sessions.js';
import type { StandingKeeper } from './standing/keep-standing.js';

export interface GatewayParts {
  readonly self: Provisioned;
  readonly lockout: Lockout;
  readonly keeper: StandingKeeper;
  readonly sessions: Sessions;
  readonly flows: Flows;
}

/** What the plant sees at its own port: who is inside now, and which side has said "still agreed". */
export function stateOf({ self, lockout, keeper, sessions, flows }: GatewayParts): object {
  return {
    gateway: `${self.organisation}/${self.gateway}`,
    program: PROGRAM,
    locked: lockout.isSet(),
    agreements: [...keeper.agreements].map(([id, held]) => ({
      id,
      version: held.agreement.version,
      acts: held.acts.size,
      leases: Object.fromEntries(
        [...held.leases].map(([organisation, lease]) => [organisation, lease.anchor !== null]),
      ),
      nonce: keeper.nonceFor(id),
    })),
    sessions: [...sessions.live].map(([session, { admitted }]) => ({
      session,
      subject: admitted.chain.subject,
      resource: admitted.ask.resource,
    })),
    flows: flows.live,
  };
}

/** What its operator is told: what keeps it from opening anything, and how much it holds. A lock-out is no fault, and is named all the same. */
export function howItIs(parts: GatewayParts & { line: BrokerLine; clock: GatewayClock; journal: Journal }): {
  readonly troubles: () => Readonly<Record<string, string>>;
  readonly figures: FiguresOf<'edge-gateway'>;
} {
  const { lockout, keeper, sessions, flows, line, clock, journal } = parts;
  const leases = () => [...keeper.agreements.values()].flatMap((held) => [...held.leases.values()]);
  return {
    troubles: () => ({
      ...(!line.online() && { broker: 'the channel is down' }),
      ...(clock.runsAhead() && { clock: 'runs ahead' }),
      ...(lockout.isSet() && { lockout: 'is set' }),
    }),
    figures: {
      brokerUp: () => Number(line.online()),
      sessions: () => sessions.live.size,
      flows: () => flows.live.length,
      evidenceWaiting: () => journal.head.sequence - journal.delivered,
      leasesMissing: () => leases().filter(({ anchor }) => anchor === null).length,
      lockedOut: () => Number(lockout.isSet()),
    },
  };
}
