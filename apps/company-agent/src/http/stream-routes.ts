import { createHash, timingSafeEqual } from 'node:crypto';
import type { SignalStream } from '@interlock/company-side';
import { CAEP_EVENTS } from '@interlock/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { countAttempts } from '../login/attempts.js';
import { signalJwk, signalKey } from '../streams/sign-event.js';
import type { Streams } from '../streams/tell-streams.js';
import { anyone } from './door.js';

const OPEN = anyone('it says where events are and which key signs them, and nothing of anybody');
const BY_TOKEN = anyone('only the receiver whom the company gave the token of this stream');
const PUSH = 'urn:ietf:rfc:8935';
const POLL = 'urn:ietf:rfc:8936';
/** What one fetch may bring, whatever is asked. */
const MOST = 100;

const poll = z.looseObject({
  maxEvents: z.number().int().min(0).optional(),
  returnImmediately: z.boolean().optional(),
  ack: z.array(z.string().max(200)).max(1_000).default([]),
  setErrs: z
    .record(
      z.string().max(200),
      z.looseObject({ err: z.string().max(100), description: z.string().max(1_000).optional() }),
    )
    .default({}),
});
const verification = z.looseObject({ stream_id: z.string().max(200), state: z.string().max(1_000).optional() });

/**
 * Where others fetch what this company tells of its own subjects (SSF 1.0): metadata, keys, streams as the company set them up, verification and poll
 * delivery (RFC 8936). Streams are made by the company alone, with `interlock agent tell-signals`.
 */
export function streamRoutes(app: FastifyInstance, agent: Agent, streams: Streams): void {
  metadataRoutes(app, agent);
  const door = streamDoor(agent, streams);
  const shown = ({ id, audience, push }: SignalStream) => ({
    ...{ stream_id: id, iss: agent.origin, aud: audience },
    ...{ events_supported: EVENTS, events_requested: EVENTS, events_delivered: EVENTS },
    delivery:
      push === null
        ? { method: POLL, endpoint_url: `${agent.origin}/ssf/streams/${encodeURIComponent(id)}/poll` }
        : { method: PUSH, endpoint_url: push },
  });
  const named = (request: FastifyRequest): string | undefined => (request.query as { stream_id?: string }).stream_id;
  app.get('/ssf/streams', { config: BY_TOKEN }, (request, reply) => {
    const stream = door(request, reply, named(request));
    // Without a name: all that this receiver has, which is one.
    return stream ? reply.send(named(request) === undefined ? [shown(stream)] : shown(stream)) : reply;
  });
  app.get('/ssf/status', { config: BY_TOKEN }, (request, reply) => {
    const stream = door(request, reply, named(request));
    return stream ? reply.send({ stream_id: stream.id, status: 'enabled' }) : reply;
  });
  app.post('/ssf/verification', { config: BY_TOKEN }, async (request, reply) => {
    const { data } = verification.safeParse(request.body);
    const stream = door(request, reply, data?.stream_id);
    if (!stream) return reply;
    if (!data) return reply.status(400).send(WRONG);
    return reply.status((await streams.verify(stream, data.state)) ? 204 : 429).send();
  });
  app.post('/ssf/streams/:id/poll', { config: BY_TOKEN }, async (request, reply) => {
    const stream = door(request, reply, (request.params as { id: string }).id);
    if (!stream) return reply;
    const { data } = poll.safeParse(request.body);
    if (!data || stream.push !== null) return reply.status(400).send(WRONG);
    const refused = Object.entries(data.setErrs);
    for (const [jti, { err }] of refused)
      agent.log.error({ event: 'stream.refused', detail: `${stream.id} ${jti} ${err}` }, 'a receiver refused an event');
    await streams.done(stream.id, [...data.ack, ...refused.map(([jti]) => jti)]);
    const { sets, more } = streams.waiting(stream.id, Math.min(data.maxEvents ?? MOST, MOST));
    return reply.send({ sets: Object.fromEntries(sets), ...(more && { moreAvailable: true }) });
  });
}

const EVENTS = CAEP_EVENTS.map((type) => `https://schemas.openid.net/secevent/caep/event-type/${type}`);
const WRONG = {
  err: 'invalid_request',
  description: 'not what this endpoint takes (RFC 8936 section 2.4, SSF 1.0 section 8.1)',
};

function metadataRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/.well-known/ssf-configuration', { config: OPEN }, (_request, reply) =>
    reply.send({
      ...{ spec_version: '1_0', issuer: agent.origin, jwks_uri: `${agent.origin}/ssf/jwks` },
      ...{ delivery_methods_supported: [PUSH, POLL], default_subjects: 'ALL' },
      configuration_endpoint: `${agent.origin}/ssf/streams`,
      status_endpoint: `${agent.origin}/ssf/status`,
      verification_endpoint: `${agent.origin}/ssf/verification`,
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6750' }],
    }),
  );
  app.get('/ssf/jwks', { config: OPEN }, async (_request, reply) => {
    const key = signalKey(agent.dir);
    return reply.send({ keys: key ? [await signalJwk(key)] : [] });
  });
}

/** The stream whose token is shown, if it is the one that is asked about; otherwise the answer has been sent. Others and none are answered alike. */
function streamDoor(agent: Agent, streams: Streams) {
  const attempts = countAttempts(1_200, 60_000);
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return (request: FastifyRequest, reply: FastifyReply, id: string | undefined): SignalStream | undefined => {
    if (!attempts.mayTry(request.ip, agent.now())) {
      void reply.status(429).send({ err: 'access_denied', description: 'too many requests' });
      return undefined;
    }
    const shown = /^Bearer (\S{1,500})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const stream = streams.all().find(({ access }) => timingSafeEqual(hash(access), hash(shown)));
    if (stream && (id === undefined || stream.id === id)) return stream;
    const description = 'the token is not the one of this stream';
    void reply.status(401).header('www-authenticate', 'Bearer').send({ err: 'authentication_failed', description });
    return undefined;
  };
}
