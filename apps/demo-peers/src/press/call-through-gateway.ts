import { existsSync, readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { openRemote, type RemoteSession } from '@interlock/client';
import { grantId, localId, organisationId, resourceRef, thumbprint } from '@interlock/contracts';
import { privateKeyFromPem } from '@interlock/proof';
import { z } from 'zod';
import type { CallAnalytics } from './call-analytics.js';

/** Laid into the machine's folder by its own company when the machine may call: whom, under which grant, and whose roots to believe. */
const callFile = z.strictObject({
  brokerOrigin: z.url(),
  organisation: organisationId,
  pins: z.array(z.strictObject({ organisation: organisationId, root: thumbprint })),
  grant: grantId,
  resource: resourceRef,
  action: localId,
});

const LONGEST_ANSWER = 64 * 1024;
const OPENS_WITHIN_MS = 8_000;

/**
 * Calls the vendor's analytics as the machine itself: with the machine's own certified key, through the vendor's gateway, without a human.
 * The session stays open between calls and is opened again when the gateway ended it, or when its company gave it another grant. Throws where there
 * is no grant yet.
 */
export function callThroughGateway(folder: string): CallAnalytics {
  let held: { readonly remote: RemoteSession; readonly told: string } | undefined;
  return async (strokes, { machine, signal }) => {
    const told = callOf(folder);
    if (held && held.told !== told) {
      held.remote.session.close();
      held = undefined;
    }
    held ??= { remote: await open(folder, told), told };
    const used = held;
    void used.remote.session.closed.then(() => {
      if (held === used) held = undefined;
    });
    return post(used.remote, { machine, readings: strokes.slice(-200) }, signal);
  };
}

function callOf(folder: string): string {
  const file = join(folder, 'call.json');
  if (!existsSync(file)) throw new Error('there is no grant for this machine yet');
  return readFileSync(file, 'utf8');
}

async function open(folder: string, told: string): Promise<RemoteSession> {
  const { pins, ...call } = callFile.parse(JSON.parse(told));
  // A gateway that has said no does not come; with the next call it may say yes.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), OPENS_WITHIN_MS);
  const opened = await openRemote({
    ...call,
    pins: new Map(pins.map((pin) => [pin.organisation, pin.root])),
    key: privateKeyFromPem(readFileSync(join(folder, 'key.pem'), 'utf8')),
    loginProof: null,
    now: Date.now,
    signal: late.signal,
  }).finally(() => clearTimeout(timer));
  if (!opened.allowed) throw new Error(`refused: ${opened.refusal.code}`);
  return opened.value;
}

async function post(remote: RemoteSession, body: unknown, signal: AbortSignal): Promise<unknown> {
  const stream = await remote.session.openStream(localId.parse('http'));
  if (!stream.allowed) throw new Error(`refused: ${stream.refusal.code}`);
  const text = JSON.stringify(body);
  const asked = request({
    method: 'POST',
    path: '/v1/advice',
    // The vendor's service is reached by name of the grant, never by an address.
    host: 'analytics',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    createConnection: () => stream.value as never,
    signal,
  });
  asked.end(text);
  return answerOf(asked);
}

function answerOf(asked: ClientRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > LONGEST_ANSWER) asked.destroy(new Error('the answer is too long'));
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(pick(text));
        else reject(new Error(`the analytics answered ${response.statusCode}`));
      });
    });
  });
}

const advice = z.object({ remainingStrokes: z.number().nullable(), advice: z.string() });
const pick = (text: string): unknown => advice.parse(JSON.parse(text));
