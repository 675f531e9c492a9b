import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import { inTraceOf } from '@interlock/company-side';
import { traceparentOf } from '@interlock/contracts';
import Fastify, { type FastifyInstance } from 'fastify';
import type { eventTaker } from '../accounts/take-event.js';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';
import type { MakeBeat } from '../beat/make-beat.js';
import { countAttempts } from '../login/attempts.js';
import { identityProvider } from '../login/identity-provider.js';
import { loginFlow } from '../login/login-flow.js';
import { openSessions } from '../login/sessions.js';
import { passkeyDesk } from '../passkeys/passkey-desk.js';
import type { Streams } from '../streams/tell-streams.js';
import { accountRoutes } from './account-routes.js';
import { actRoutes } from './act-routes.js';
import { auditRoutes } from './audit-routes.js';
import { hangDoor } from './door.js';
import { errorRoutes } from './error-routes.js';
import { grantRoutes } from './grant-routes.js';
import { historyRoutes } from './history-routes.js';
import { inboxRoutes } from './inbox-routes.js';
import { liveRoutes } from './live-routes.js';
import { localRoutes } from './local-routes.js';
import { loginRoutes } from './login-routes.js';
import { passkeyRoutes } from './passkey-routes.js';
import { reachRoutes } from './reach-routes.js';
import { releaseRoutes } from './release-routes.js';
import { simulateRoutes } from './simulate-routes.js';
import { statusListRoutes } from './status-list-routes.js';
import { streamRoutes } from './stream-routes.js';
import { svidRoutes } from './svid-routes.js';

/** A request of a person is small; a signed act with three signatures is a few kilobytes. */
const LONGEST_BODY = 64 * 1024;

export interface ServerParts {
  readonly over: HandOver;
  readonly makeBeat: MakeBeat;
  /** Something changed that others wait for: the next round begins now. */
  readonly soon: () => void;
  /** Takes an event of the company's own provider. */
  readonly take: ReturnType<typeof eventTaker>;
  readonly streams: Streams;
}

/** The agent's own origin: pages for people, the same verbs for programs, beats for gateways. */
export async function makeServer(
  agent: Agent,
  { over, makeBeat, soon, take, streams }: ServerParts,
): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: LONGEST_BODY,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
  });
  followTrace(app);
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: LONGEST_BODY });
  // Whether an outside auditor is still one is for the role mapping.
  const stillThere = (known: { id: string }) =>
    agent.company().people.find((one) => one.id === known.id && agent.accounts.heldBack(one.id) === undefined);
  const sessions = openSessions(agent.newSecret, stillThere);
  hangDoor(app, agent, sessions);
  loginRoutes(app, { agent, sessions, flow: loginFlow(agent, identityProvider(agent), sessions) });
  inboxRoutes(app, agent);
  const passkeys = passkeyDesk(agent);
  // Guesses at one person's passphrase count together, wherever they are made.
  const attempts = countAttempts(5, 60_000);
  grantRoutes(app, agent, { over, soon, passkeys, attempts });
  releaseRoutes(app, { agent, passkeys, attempts });
  passkeyRoutes(app, agent, passkeys);
  reachRoutes(app, agent);
  simulateRoutes(app, agent);
  actRoutes(app, agent, over);
  auditRoutes(app, agent);
  historyRoutes(app, agent);
  liveRoutes(app, agent);
  errorRoutes(app, agent);
  accountRoutes(app, agent, over, take);
  localRoutes(app, agent, makeBeat);
  statusListRoutes(app, agent);
  streamRoutes(app, agent, streams);
  svidRoutes(app, agent);
  return app;
}

/** Each request belongs to the trace that its caller names (W3C Trace Context), or to a new one; the broker is asked in the same, and the answer says in which. */
function followTrace(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) =>
    inTraceOf(request.headers.traceparent, (context) => {
      void reply.header('traceresponse', traceparentOf(context));
      done();
    }),
  );
  // Again: a body that came in pieces is handed over by the socket's own turn, which belongs to no trace.
  app.addHook('preValidation', (_request, reply, done) => inTraceOf(reply.getHeader('traceresponse'), () => done()));
}
