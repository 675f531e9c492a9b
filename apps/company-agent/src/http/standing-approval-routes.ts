import {
  actionName,
  agreementId,
  count,
  instant,
  localId,
  memberLists,
  resourceRef,
  subjectRef,
} from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { proposeStandingApproval } from '../grants/propose-standing-approval.js';
import type { Attempts } from '../login/attempts.js';
import { people, sendRefusal } from './door.js';
import { malformed, passphrase, sessionOf, show } from './grant-reply.js';

const wishBody = z.strictObject({
  agreementId,
  kind: z.enum(['remote-service', 'data-collection', 'machine-to-machine']),
  subjects: z.array(subjectRef).min(1).max(100).optional(),
  resources: z.array(resourceRef).min(1).max(100).optional(),
  memberLists: memberLists.optional(),
  actions: z.array(actionName).min(1).max(64),
  purpose: localId,
  window: z.strictObject({ from: instant, to: instant }),
  longestWindowSeconds: count.min(1),
  uses: count.min(1),
  gateway: localId,
  passphrase,
});

/** Saying yes beforehand. The others of the company say theirs as to a grant. */
export function standingApprovalRoutes(app: FastifyInstance, agent: Agent, attempts: Attempts): void {
  app.post('/standing-approvals', { config: people('approver') }, async (request, reply) => {
    const body = wishBody.safeParse(request.body);
    if (!body.success) return sendRefusal(request, reply, agent, malformed(body));
    const { passphrase: typed, ...wish } = body.data;
    const proposed = await proposeStandingApproval(agent, sessionOf(request), wish, typed, attempts);
    if (proposed.allowed) reply.status(201);
    return show(agent, request, reply, proposed);
  });
}
