import type { Flows } from './flow/flows.js';
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
