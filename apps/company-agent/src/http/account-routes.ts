import { createHash, timingSafeEqual } from 'node:crypto';
import { type HeldFeed, type Person, readAccountFeed } from '@interlock/company-side';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type EventFault, obey } from '../accounts/take-event.js';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';
import { countAttempts } from '../login/attempts.js';
import { anyone } from './door.js';

const BY_TOKEN = anyone('only whoever shows the token that the company gave its own provider is heard');
const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0:';

type Take = (signals: NonNullable<HeldFeed['signals']>, token: string) => Promise<EventFault | undefined>;

/** Providers write the same truth as a boolean and as a word. */
const active = z.union([
  z.boolean(),
  z.stringFormat('boolean', /^(true|false)$/i).transform((text) => /true/i.test(text)),
]);
const patch = z.looseObject({
  Operations: z
    .array(z.looseObject({ op: z.string().max(20), path: z.string().max(200).optional(), value: z.unknown() }))
    .min(1)
    .max(100),
});

/** How the company's own provider tells of accounts: pushed events (RFC 8935), and users it switches off (SCIM, RFC 7644). */
export function accountRoutes(app: FastifyInstance, agent: Agent, over: HandOver, take: Take): void {
  const asText = { parseAs: 'string' } as const;
  const json = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/secevent+jwt', asText, (_request, body, done) => done(null, body));
  app.addContentTypeParser('application/scim+json', asText, (request, body, done) =>
    body === '' ? done(null, undefined) : json(request, String(body), done),
  );
  const feedFor = feedDoor(agent);
  app.post('/shared-signals/events', { config: BY_TOKEN }, async (request, reply) => {
    const feed = feedFor(request, reply);
    if (!feed) return reply;
    const { signals } = feed;
    const fault = signals && typeof request.body === 'string' ? await take(signals, request.body) : NO_EVENT;
    return fault ? reply.status(400).send(fault) : reply.status(202).send();
  });
  app.get('/scim/v2/ServiceProviderConfig', { config: BY_TOKEN }, (request, reply) =>
    feedFor(request, reply) ? sendScim(reply, 200, CONFIG) : reply,
  );
  app.get('/scim/v2/Users', { config: BY_TOKEN }, (request, reply) =>
    feedFor(request, reply) ? listUsers(agent, request, reply) : reply,
  );
  app.post('/scim/v2/Users', { config: BY_TOKEN }, (request, reply) =>
    feedFor(request, reply) ? scimNo(reply, 403, ADDED_OFFLINE) : reply,
  );
  userRoutes(app, agent, over, feedFor);
}

type FeedDoor = (request: FastifyRequest, reply: FastifyReply) => HeldFeed | undefined;

/** The feed, where the caller is the provider it names; otherwise the answer has been sent. */
function feedDoor(agent: Agent): FeedDoor {
  const attempts = countAttempts(1_200, 60_000);
  return (request, reply) => {
    const feed = readAccountFeed(agent.dir);
    if (!attempts.mayTry(request.ip, agent.now())) void scimNo(reply, 429, 'too many requests');
    else if (!feed || !showsToken(request, feed.token))
      void scimNo(reply, 401, 'the token is not the one of this feed');
    else return feed;
    return undefined;
  };
}

function listUsers(agent: Agent, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { filter } = request.query as { filter?: string | readonly string[] };
  const asked = typeof filter === 'string' ? FILTER.exec(filter) : null;
  if (filter !== undefined && !asked) return scimNo(reply, 400, 'filter userName, externalId or id by eq');
  const [, name, value] = asked ?? [];
  const found = agent.company().people.filter((one) => !asked || (name === 'id' ? one.id : one.login) === value);
  const Resources = found.map((one) => userOf(agent, one));
  return sendScim(reply, 200, { schemas: [`${MESSAGES}ListResponse`], totalResults: found.length, Resources });
}

/** The only attribute that is kept here is `active`. */
function userRoutes(app: FastifyInstance, agent: Agent, over: HandOver, feedFor: FeedDoor): void {
  const aboutOne =
    (told: (body: unknown) => boolean | undefined) => async (request: FastifyRequest, reply: FastifyReply) => {
      if (!feedFor(request, reply)) return reply;
      const person = agent.company().people.find(({ id }) => id === (request.params as { id: string }).id);
      if (!person) return scimNo(reply, 404, 'no such user');
      const is = told(request.body);
      if (is === undefined && request.method !== 'GET') return scimNo(reply, 400, 'only "active" is kept here');
      if (is !== undefined) await switchTo(agent, over, person, is);
      return request.method === 'DELETE' ? reply.status(204).send() : sendScim(reply, 200, userOf(agent, person));
    };
  const put = (body: unknown) => active.safeParse((body as { active?: unknown } | undefined)?.active).data;
  const nothing = () => undefined;
  app.get('/scim/v2/Users/:id', { config: BY_TOKEN }, aboutOne(nothing));
  app.patch('/scim/v2/Users/:id', { config: BY_TOKEN }, aboutOne(patched));
  app.put('/scim/v2/Users/:id', { config: BY_TOKEN }, aboutOne(put));
  const off = () => false;
  app.delete('/scim/v2/Users/:id', { config: BY_TOKEN }, aboutOne(off));
}

const FILTER = /^(userName|externalId|id) eq "([^"\\]{1,200})"$/;
const ADDED_OFFLINE = 'people are added with "interlock key person add", by a key that is not here';
const NO_EVENT: EventFault = {
  err: 'invalid_request',
  description: 'a token of the type application/secevent+jwt, of a feed that is set up',
};

const switchTo = (agent: Agent, over: HandOver, person: Person, sound: boolean): Promise<void> =>
  obey(agent, over, person, {
    type: sound ? 'account-enabled' : 'account-disabled',
    // Each change counts over what was said before it, also within one tick of the clock.
    at: Math.max(agent.now(), (agent.accounts.saidAt(person.id, 'account') ?? 0) + 1),
    token: null,
    consequence: { endsSessions: !sound, fact: { name: 'account', sound } },
  });

/** What a patch (RFC 7644 section 3.5.2) says of `active`, the last one counting; other attributes are kept elsewhere. */
function patched(body: unknown): boolean | undefined {
  const operations = patch.safeParse(body).data?.Operations ?? [];
  const said = operations
    .filter(({ op }) => /^(add|replace)$/i.test(op))
    .map(({ path, value }) =>
      path === 'active' ? value : path === undefined ? (value as { active?: unknown } | null)?.active : undefined,
    )
    .flatMap((value) => active.safeParse(value).data ?? []);
  return said.at(-1);
}

const userOf = (agent: Agent, { id, login }: Person) => ({
  schemas: [SCHEMA],
  id,
  externalId: login,
  userName: login,
  active: agent.accounts.heldBack(id) === undefined,
  meta: { resourceType: 'User', location: `${agent.origin}/scim/v2/Users/${encodeURIComponent(id)}` },
});

const CONFIG = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer token', description: 'RFC 6750' }],
};

const sendScim = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply.status(status).type('application/scim+json').send(JSON.stringify(body));

const scimNo = (reply: FastifyReply, status: number, detail: string): FastifyReply =>
  sendScim(reply, status, { schemas: [`${MESSAGES}Error`], status: String(status), detail });

/** Compared by hash, so that neither time nor length tells anything about the token. */
function showsToken({ headers }: FastifyRequest, token: string): boolean {
  const shown = /^Bearer (\S{1,500})$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const [one, other] = [shown, token].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
