import { agreementId } from '@interlock/contracts';
import { STATUS_LIST_TYP, signStatusListToken } from '@interlock/proof';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { inForce } from '../agreements/agreements.js';
import { countAttempts } from '../login/attempts.js';
import { anyone, sendRefusal } from './door.js';

const MEDIA_TYPE = `application/${STATUS_LIST_TYP}`;
/** How long whoever fetched a list may keep it, in seconds. */
const TTL = 60;
const asked = z.object({ id: agreementId });

/**
 * The status of every login proof of this company, for whoever holds one (IETF Token Status List, section 8): the very entries that its beats name
 * and gateways obey, as a Status List Token. It tells nothing of a person; a login proof says which entry is its own.
 */
export function statusListRoutes(app: FastifyInstance, agent: Agent): void {
  const attempts = countAttempts(600, 60_000);
  const open = anyone('entries without names, for whoever was given the address in a login proof');
  app.get('/status-lists/:id', { config: open }, async (request, reply) => {
    // Relying parties of other origins fetch it too (section 8.1).
    void reply.header('access-control-allow-origin', '*').header('vary', 'accept');
    if (!attempts.mayTry(request.ip, agent.now())) return sendRefusal(request, reply, agent, { code: 'rate_limited' });
    if ((request.query as { time?: unknown }).time !== undefined) return reply.status(501).send();
    if (!accepts(request.headers.accept)) return reply.status(406).send();
    const { data } = asked.safeParse(request.params);
    const known = data && inForce(agent, data.id);
    if (!known) return sendRefusal(request, reply, agent, { code: 'not_a_party' });
    const [agreement, now] = [known.agreement.document, agent.now()];
    const of = { agreement, own: agent.store.ownActs(agreement.id), held: heldActs(agent, agreement), now };
    const { logins, issuedAt, expiresAt } = (await agent.statusList(of)).document;
    if (!logins) return sendRefusal(request, reply, agent, { code: 'not_a_party' });
    const { sub, bits, lst } = logins;
    const times = { iat: Math.floor(issuedAt / 1000), exp: Math.floor(expiresAt / 1000), ttl: TTL };
    const claims = { iss: agent.organisation, sub, ...times, status_list: { bits, lst } };
    return reply.type(MEDIA_TYPE).send(await signStatusListToken(claims, agent.keys.beat));
  });
}

const accepts = (header: string | undefined): boolean =>
  header === undefined || /(^|[,\s])(application\/statuslist\+jwt|application\/\*|\*\/\*)(\s*[;,]|$)/.test(header);
