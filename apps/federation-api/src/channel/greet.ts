import { ListAgreements, ListGrants } from '@interlock/contracts';
import { composeStanding } from '../commands/compose-standing.js';
import type { Services } from '../commands/services.js';
import type { Channel } from './channel.js';

/** What a holder must not miss for having been away: a gateway gets its standing, an agent what waits for its company. */
export async function greet(services: Services, channel: Channel): Promise<void> {
  const { organisation } = channel.caller;
  const { agreements } = await services.ask(ListAgreements, { organisation });
  if (channel.kind === 'agent') {
    const { grants } = await services.ask(ListGrants, { organisation, status: 'asked' });
    for (const one of agreements.filter((agreement) => agreement.status === 'proposed')) {
      channel.send({ t: 'inbox', kind: 'agreement', id: one.id });
    }
    for (const one of grants) channel.send({ t: 'inbox', kind: 'grant', id: one.id });
    return;
  }
  const inForce = agreements.filter(({ status }) => ['active', 'suspended', 'terminating'].includes(status));
  for (const { id } of inForce) {
    const standing = await composeStanding(services, organisation, id);
    if (standing.allowed) channel.send({ t: 'standing', standing: standing.value });
  }
}
