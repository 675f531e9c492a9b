import type { Decision } from '@interlock/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import type { HeldGrant } from '../grants/held-grant.js';
import type { Session } from '../login/sessions.js';
import { approvalFacts, grantFacts, grantPage } from '../pages/grant-page.js';
import type { PasskeyAsk } from '../passkeys/passkey-desk.js';
import { sendDecision, sendPage, withScript } from './door.js';

export const passphrase = z.string().min(1).max(200);

export function show(
  agent: Agent,
  request: FastifyRequest,
  reply: FastifyReply,
  held: Decision<HeldGrant>,
  passkey?: PasskeyAsk,
): FastifyReply {
  if (passkey) withScript(reply);
  // From here on this session may sign it: what is marked as shown is exactly what the next lines render.
  if (held.allowed) sessionOf(request).shown.add(held.value.digest);
  return sendDecision(request, reply, agent, held, {
    json: (value) => ({
      id: value.id,
      digest: value.digest,
      status: value.status,
      complete: value.complete,
      owner: value.owner,
      subjectSide: value.subjectSide,
      approvers: value.approvers.map(({ id }) => id),
      plain: [...grantFacts(value, agent.timeZone), ...approvalFacts(value)],
      grant: value.grant,
    }),
    page: (value) =>
      sendPage(request, reply, agent, `Grant ${value.id}`, grantPage(agent, sessionOf(request), value, passkey)),
  });
}

/** The door let this request in because it has a session. */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.session) throw new Error('this route is for persons and has no session');
  return request.session;
}

export const malformed = (read: z.ZodSafeParseResult<unknown>) => ({
  code: 'malformed',
  clause: (read.success ? '' : read.error.issues[0]?.path.join('.')) || 'request',
});
