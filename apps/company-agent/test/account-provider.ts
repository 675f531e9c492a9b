import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAccountFeed, setAccountFeed } from '@interlock/company-side';
import * as jose from 'jose';

export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const ISSUER = 'https://accounts.alpine-presses.example';
const AUDIENCE = 'urn:agent-of:alpine-presses.example';

/** The part of a company's provider that speaks of accounts: it signs events, pushes them, keeps them to be polled, and switches users off. */
export async function accountProvider(dir: string, agentOrigin: string) {
  const { privateKey, publicKey } = await jose.generateKeyPair('RS256');
  const waiting: Record<string, string> = {};
  const told: { ack?: string[]; setErrs?: object }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        response.setHeader('content-type', 'application/json');
        if (request.url === '/jwks') {
          return response.end(
            JSON.stringify({ keys: [{ ...(await jose.exportJWK(publicKey)), alg: 'RS256', kid: '1' }] }),
          );
        }
        const asked = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { ack?: string[]; setErrs?: object };
        told.push(asked);
        for (const jti of [...(asked.ack ?? []), ...Object.keys(asked.setErrs ?? {})]) delete waiting[jti];
        return response.end(JSON.stringify({ sets: waiting, moreAvailable: false }));
      })();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signals = { issuer: ISSUER, audience: AUDIENCE, jwksUri: `${origin}/jwks`, poll: `${origin}/poll` };
  setAccountFeed(dir, signals, 'a token of the agent');
  let last = 0;
  /** A token; what is undefined in `over` is left out. */
  const token = (type: string, says: object, over: Record<string, unknown> = {}, head: object = {}) => {
    const iat = Math.floor(Date.now() / 1000);
    last += 1;
    const sub_id = { format: 'iss_sub', iss: ISSUER, sub: 'technician' };
    const claims = { iss: ISSUER, aud: AUDIENCE, jti: `event-${last}`, iat, sub_id, events: { [type]: says }, ...over };
    return new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt', kid: '1', ...head })
      .sign(privateKey);
  };
  const send = async (
    method: string,
    path: string,
    type: string,
    body?: string,
    bearer = readAccountFeed(dir)?.token,
  ) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': type };
    const answer = await fetch(`${agentOrigin}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  return {
    token,
    waiting,
    told,
    push: async (pushed: string | Promise<string>, bearer?: string) =>
      send('POST', '/shared-signals/events', 'application/secevent+jwt', await pushed, bearer),
    scim: (method: string, path: string, body?: object) =>
      send(method, `/scim/v2/${path}`, 'application/scim+json', body && JSON.stringify(body)),
    close: () => new Promise((done) => server.close(done)),
  };
}
