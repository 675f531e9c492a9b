import { ListWaitingAgreements, ListWaitingGrants } from '@interlock/contracts';
import type { Services } from '../commands/services.js';
import type { Channel } from './channel.js';
import type { StandingQueue } from './standing-queue.js';

/** What a holder must not miss for having been away: a gateway gets its standing, an agent what waits for its company. */
export async function greet(services: Services, channel: Channel, standings: StandingQueue): Promise<void> {
  const { organisation } = channel.caller;
  const { inForce, proposed } = await services.ask(ListWaitingAgreements, { organisation });
  if (channel.kind === 'gateway') {
    for (const id of inForce) standings.add(id);
    return;
  }
  const { asked } = await services.ask(ListWaitingGrants, { organisation });
  for (const id of proposed) channel.send({ t: 'inbox', kind: 'agreement', id });
  for (const id of asked) channel.send({ t: 'inbox', kind: 'grant', id });
}
