import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import {
  REFUSALS,
  type RefusalCode,
  signedAct,
  signedActivation,
  signedBeat,
  signedCertificate,
  signedEntity,
  signedGrant,
  signedQuarantineRelease,
  signedSignal,
  signedStatusList,
} from '@interlock/contracts';
import { allow, type Decision } from '@interlock/domain';
import { z } from 'zod';
import { boundStrangers, CHECK_EVERY } from '../bound-strangers.js';
import type { ReleaseDesk } from '../scanning/release-desk.js';
import type { BroughtActivation } from '../session/admit-activation.js';
import type { StandingKeeper } from '../standing/keep-standing.js';
import type { Lockout } from './lockout.js';

export interface LocalHandOptions {
  readonly folder: string;
  readonly port: number;
  readonly keeper: StandingKeeper;
  readonly lockout: Lockout;
  /** Closes everything and holds the lock-out; `onDisk` is false where a restart would forget it. */
  readonly lockAll: (reason: string) => { readonly closed: number; readonly onDisk: boolean };
  /** Whether the plant's own input still says stop: then nothing is lifted. */
  readonly inputTripped: () => boolean;
  readonly state: () => unknown;
  readonly onLift: () => void;
  /** Judges a dormant grant that an approver activates here, and says where its connector is met. */
  readonly activate: (brought: BroughtActivation) => Promise<Decision<object>>;
  /** What is held back as not clean, and the word of whoever lets it go on. */
  readonly desk: Pick<ReleaseDesk, 'list' | 'take'>;
}

const LONGEST_BODY = 256 * 1024;
const beatBody = z.strictObject({ beat: signedBeat, statusList: signedStatusList });
const actBody = z.strictObject({
  act: signedAct,
  /** What the act's signature hangs on, for a gateway from which the broker keeps it. */
  entities: z.array(signedEntity).max(16).default([]),
  certificates: z.array(signedCertificate).max(64).default([]),
});
const activationBody = z.strictObject({
  grant: signedGrant,
  certificates: z.array(signedCertificate).max(64).default([]),
  activation: signedActivation,
});
const signalBody = z.strictObject({
  signal: signedSignal,
  entities: z.array(signedEntity).max(16).default([]),
  certificates: z.array(signedCertificate).max(64).default([]),
});
const releaseBody = z.strictObject({
  release: signedQuarantineRelease,
  certificates: z.array(signedCertificate).max(64).default([]),
});
const entityBody = z.strictObject({ entity: signedEntity });
const lockBody = z.strictObject({ reason: z.string().min(1).max(500) });

/**
 * The plant's hand on the gateway: a port on the gateway's own loopback address. A signed act is taken here from whoever brings it, with the
 * broker dead or lying. Lock-out needs the token in the gateway's own folder, so only who is in the plant can set or lift it.
 */
export async function localHand(
  options: LocalHandOptions,
): Promise<{ readonly port: number; readonly server: Server }> {
  const token = randomBytes(32).toString('base64url');
  writeDurably(join(options.folder, 'local-token'), token);
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, ...CHECK_EVERY },
    (request, response) => {
      // Nobody keeps a place at the plant's own port between two questions.
      response.setHeader('connection', 'close');
      answer(options, token, request).then(
        ({ status, body }) => send(response, status, body),
        (cause: unknown) => {
          const { status, code } = faultOf(cause);
          send(response, status, problem(code));
        },
      );
    },
  );
  server.maxConnections = 64;
  boundStrangers(server, { most: 48, withinMs: 5_000, asked: 'whole' });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  // Whoever may read the token finds the port beside it, also where a free one was taken.
  writeDurably(join(options.folder, 'local-port'), String(port));
  return { port, server };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(options: LocalHandOptions, token: string, request: IncomingMessage): Promise<Answer> {
  const route = `${request.method} ${request.url}`;
  switch (route) {
    case 'GET /state':
      return { status: 200, body: options.state() };
    case 'POST /acts':
      return decided(await handed(options.keeper, actBody.parse(await bodyOf(request))));
    case 'POST /entities':
      return decided(await options.keeper.takeRevokeAll(entityBody.parse(await bodyOf(request)).entity));
    case 'POST /beats':
      return decided(await options.keeper.takeBeat({ t: 'beat', ...beatBody.parse(await bodyOf(request)) }));
    case 'POST /signals':
      return decided(await said(options.keeper, signalBody.parse(await bodyOf(request))));
    case 'POST /activations':
      return inPlant(token, request)
        ? answered(await options.activate(activationBody.parse(await bodyOf(request))))
        : { status: 401, body: problem('caller_unknown') };
    case 'GET /findings':
      return inPlant(token, request)
        ? { status: 200, body: { findings: options.desk.list() } }
        : { status: 401, body: problem('caller_unknown') };
    case 'POST /releases':
      return answered(await options.desk.take(releaseBody.parse(await bodyOf(request))));
    case 'PUT /lockout':
    case 'DELETE /lockout':
      return inPlant(token, request) ? lock(options, request) : { status: 401, body: problem('caller_unknown') };
    default:
      return { status: 404, body: problem('not_a_party') };
  }
}

const handed = (keeper: StandingKeeper, { act, ...chain }: z.infer<typeof actBody>): Promise<Decision<unknown>> =>
  keeper.takeAct(act, chain);

const said = (keeper: StandingKeeper, { signal, ...chain }: z.infer<typeof signalBody>): Promise<Decision<unknown>> =>
  keeper.takeSignal(signal, chain);

async function lock(options: LocalHandOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method === 'DELETE') {
    if (options.inputTripped()) return { status: 409, body: { ...problem('lockout'), status: 409, locked: true } };
    options.lockout.lift();
    options.onLift();
    return { status: 200, body: { locked: false } };
  }
  const { reason } = lockBody.parse(await bodyOf(request));
  const { closed, onDisk } = options.lockAll(reason);
  // It holds, but a restart would forget it: whoever stands at the machine must hear that.
  if (!onDisk) return { status: 507, body: { ...problem('evidence_unavailable'), status: 507, locked: true, closed } };
  return { status: 200, body: { locked: true, closed } };
}

function inPlant(token: string, request: IncomingMessage): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

const faultOf = (cause: unknown): { status: number; code: RefusalCode } =>
  cause instanceof BodyTooLarge ? { status: 413, code: 'too_large' } : { status: 400, code: 'malformed' };

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Destroying the request would take the answer with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new BodyTooLarge('the body is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const decided = (decision: Decision<unknown>): Answer =>
  answered(decision.allowed ? allow({ accepted: true }) : decision);

const answered = (decision: Decision<object>): Answer => {
  if (decision.allowed) return { status: 200, body: decision.value };
  const { code, clause } = decision.refusal;
  const row = REFUSALS[code as RefusalCode];
  return { status: row?.status ?? 403, body: { ...problem(code), ...(clause !== undefined && { clause }) } };
};

const problem = (code: string) => {
  const row = REFUSALS[code as RefusalCode];
  return { type: 'about:blank', title: row?.title ?? code, status: row?.status ?? 403, code };
};

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' });
  response.end(JSON.stringify(body));
}
