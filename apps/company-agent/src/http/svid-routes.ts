import { readSvidIssuer } from '@interlock/company-side/svid';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { countAttempts } from '../login/attempts.js';
import { issueSvid } from '../svid/issue-svid.js';
import { anyone, sendRefusal } from './door.js';
import { malformed } from './grant-reply.js';

const asked = z.strictObject({ audience: z.string().min(1).max(300).optional() });
const PKCS10 = 'application/pkcs10';

/** Where the company's own machines get and renew their SVIDs, and where everybody gets what verifies them (SPIFFE Federation, section 5.2.1: no client authentication). */
export function svidRoutes(app: FastifyInstance, agent: Agent): void {
  const attempts = countAttempts(600, 60_000);
  app.addContentTypeParser(PKCS10, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.get('/spiffe-bundle', { config: anyone('public keys of this trust domain') }, async (request, reply) => {
    if (!attempts.mayTry(request.ip, agent.now())) return sendRefusal(request, reply, agent, { code: 'rate_limited' });
    const issuer = readSvidIssuer(agent.dir);
    if (!issuer) return sendRefusal(request, reply, agent, { code: 'svid_issuer_missing' });
    return reply.type('application/json').send(JSON.stringify(await issuer.bundle()));
  });
  const byKey = anyone('only a machine or workload that shows the key its own company certified');
  app.post('/svids', { config: byKey }, async (request, reply) => {
    if (!attempts.mayTry(request.ip, agent.now())) return sendRefusal(request, reply, agent, { code: 'rate_limited' });
    const query = asked.safeParse(request.query);
    if (!query.success) return sendRefusal(request, reply, agent, malformed(query));
    const body = Buffer.isBuffer(request.body) ? request.body : new Uint8Array();
    const proven = { method: 'POST', target: request.url, audience: agent.origin, body };
    const { audience } = query.data;
    const issued = await issueSvid(agent, { request: proven, authorization: request.headers.authorization, audience });
    return issued.allowed ? reply.send(issued.value) : sendRefusal(request, reply, agent, issued.refusal);
  });
}
