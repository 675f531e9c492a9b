import { problem, REFUSALS, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, refuse } from '@interlock/domain';
import { CALLER_SCHEME, type Signer, signCallerProof } from '@interlock/proof';
import type { z } from 'zod';
import { outgoingTraceparent } from '../trace/under-way.js';
import type { HttpProxy } from '../tunnel/dial-relay.js';
import { fetchThrough } from './fetch-through.js';

/** The broker did not answer, or not as a broker. A fault, never a refusal: nothing may be concluded from it. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
}

export interface BrokerClientOptions {
  /** Public origin of the federation API, e.g. `https://broker.example`. */
  readonly origin: string;
  readonly signer: Signer;
  readonly now: () => number;
  /** At least 16 random characters; makes a captured caller proof worth nothing. */
  readonly newId: () => string;
  /** The way out of a network that lets nothing else out. */
  readonly proxy?: HttpProxy | undefined;
  /** Milliseconds until a request counts as unanswered. */
  readonly timeout?: number;
}

export interface BrokerClient {
  get<T>(target: string, schema: z.ZodType<T>): Promise<Decision<T>>;
  put<T>(target: string, body: unknown, schema: z.ZodType<T>): Promise<Decision<T>>;
  post<T>(target: string, body: unknown, schema: z.ZodType<T>): Promise<Decision<T>>;
}

/** Calls the broker as one key holder. Refusals come back as values; whatever comes back is a stranger's word. */
export function brokerClient(options: BrokerClientOptions): BrokerClient {
  return {
    get: (target, schema) => call(options, 'GET', target, undefined, schema),
    put: (target, body, schema) => call(options, 'PUT', target, body, schema),
    post: (target, body, schema) => call(options, 'POST', target, body, schema),
  };
}

/** Fetches one file of the broker as its bytes, at most as long as a broker's answer may be. A stranger's word like every answer. */
export async function fetchFile(options: BrokerClientOptions, target: string): Promise<Decision<Buffer>> {
  const response = await send(options, 'GET', target, undefined);
  const bytes = await readBounded(response);
  return response.ok ? allow(bytes) : refusalIn(bytes.toString('utf8'), response.status);
}

async function call<T>(
  options: BrokerClientOptions,
  method: string,
  target: string,
  body: unknown,
  schema: z.ZodType<T>,
): Promise<Decision<T>> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const response = await send(options, method, target, bytes);
  const text = (await readBounded(response)).toString('utf8');
  if (!response.ok) return refusalIn(text, response.status);
  const parsed = schema.safeParse(text === '' ? { accepted: true } : json(text));
  if (!parsed.success) throw new BrokerUnavailable(`${method} ${target}: the answer has an unexpected shape`);
  return allow(parsed.data);
}

async function send(
  options: BrokerClientOptions,
  method: string,
  target: string,
  bytes: Buffer | undefined,
): Promise<Response> {
  const request = { method, target, audience: options.origin, body: bytes ?? new Uint8Array() };
  const proof = await signCallerProof(request, options.signer, options.now(), options.newId());
  const url = new URL(target, options.origin);
  const asked = {
    method,
    headers: {
      authorization: `${CALLER_SCHEME} ${proof}`,
      traceparent: outgoingTraceparent(),
      ...(bytes && { 'content-type': 'application/json' }),
    },
    signal: AbortSignal.timeout(options.timeout ?? 10_000),
    ...(bytes && { body: bytes }),
  };
  try {
    return await (options.proxy
      ? fetchThrough(options.proxy, url, asked)
      : fetch(url, { ...asked, redirect: 'error' }));
  } catch (cause) {
    throw new BrokerUnavailable(`${method} ${target}: no answer from ${options.origin}`, { cause });
  }
}

const LONGEST_ANSWER = 64 * 1024 * 1024;

/** A lying broker may answer without end; what is read is bounded. */
async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LONGEST_ANSWER) throw new BrokerUnavailable('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusalIn(text: string, status: number): Decision<never> {
  const parsed = problem.safeParse(json(text));
  if (!parsed.success || status >= 500) throw new BrokerUnavailable(`the broker answered ${status}`);
  const { code, clause } = parsed.data;
  const known: RefusalCode = Object.hasOwn(REFUSALS, code) ? (code as RefusalCode) : 'malformed';
  return refuse(known, { ...(clause !== undefined && { clause }), detail: parsed.data.title });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
