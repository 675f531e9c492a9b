import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { explanationOf, PROBLEM_CODES, problemType } from '@interlock/contracts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import Fastify from 'fastify';
import { get, programOf, type World, world } from '../../test/world.js';
import type { Agent } from '../agent.js';
import { openSessions } from '../login/sessions.js';
import { escapeHtml } from '../pages/html.js';
import { hangDoor } from './door.js';

jest.setTimeout(60_000);

let w: World;
let token: string;
beforeAll(async () => {
  w = await world();
  token = await programOf(w.buyer, 'architect');
});
afterAll(() => w?.close());

const ROUTES = [
  'GET /',
  'GET /agreements',
  'GET /agreements/x',
  'GET /grants',
  'GET /grants/new',
  'GET /grants/x',
  'POST /grants',
  'POST /grants/x/approve',
  'POST /grants/x/deny',
  'GET /cut',
  'POST /acts',
  'POST /acts/hand-in',
  'GET /audit',
  'GET /audit/x/0',
  'GET /live',
  'GET /flows',
  'GET /releases/x/y',
  'POST /releases/x/y',
  'GET /reach',
  'GET /api/audit',
  'GET /history/v1/agreements',
  'POST /sign-out',
];
const OPEN_ROUTES = [
  'GET /sign-in?redirect_uri=x',
  'GET /login',
  'GET /oidc/callback?code=x&state=y',
  'POST /login/confirm',
  'POST /login/token',
  'POST /session/token',
  'POST /local/beats',
  'GET /%00',
  'GET /..%2f..%2fcompany.json',
  'GET /nothing',
];
const call = (route: string, init: RequestInit = {}) => {
  const [method = '', path = ''] = route.split(' ');
  return fetch(`${w.buyer.origin}${path}`, { method, redirect: 'manual', ...init });
};

describe('the door', () => {
  it.each(ROUTES)('%s is for persons alone, and says so to everybody else in the same words', async (route) => {
    const answer = await call(route);
    expect([route, answer.status]).toEqual([route, 401]);
    expect(await answer.json()).toMatchObject({ code: 'login_needed' });
    const bearer = await call(route, { headers: { authorization: `Bearer ${randomBytes(32).toString('base64url')}` } });
    expect(bearer.status).toBe(401);
  });

  it('leads from the type of every code to its page, for everybody', async () => {
    const refused = (await (await call('GET /grants/x')).json()) as { type: string };
    expect(refused.type).toBe(`${w.buyer.origin}/errors/login_needed`);
    for (const code of PROBLEM_CODES) {
      const page = await fetch(problemType(w.buyer.origin, code));
      const { means, whoCanMend, whatToDo } = explanationOf(code) ?? { means: '' };
      expect({ code, status: page.status }).toEqual({ code, status: 200 });
      const text = await page.text();
      for (const words of [means, whoCanMend, whatToDo]) expect(text).toContain(escapeHtml(words ?? 'nothing'));
    }
    expect((await call('GET /errors/no_such_code')).status).toBe(404);
    expect(await (await call('GET /errors')).text()).toContain('href="/errors/login_needed"');
  });

  it('answers garbage on every route with a clear no, and goes on', async () => {
    const bodies = [
      undefined,
      '{',
      '[]',
      'null',
      '{"__proto__":{"x":1}}',
      JSON.stringify({ digest: 1, passphrase: {}, formToken: [] }),
      'x'.repeat(100_000),
      randomBytes(500),
    ];
    for (const route of [...ROUTES, ...OPEN_ROUTES].filter((one) => !one.includes('sign-out'))) {
      for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'image/png']) {
        for (const body of route.startsWith('POST') ? bodies : [undefined]) {
          const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) };
          const answer = await call(route, { headers, ...(body !== undefined && { body }) });
          await answer.text();
          expect([route, type, answer.status < 500]).toEqual([route, type, true]);
        }
      }
    }
    expect((await get(`${w.buyer.origin}/`, token)).status).toBe(200);
  });

  it('closes connections that speak something else', async () => {
    const socket = connect(Number(new URL(w.buyer.origin).port), '127.0.0.1').resume();
    socket.on('error', () => {});
    socket.write(Buffer.concat([Buffer.from('\u0000SSH-2.0\r\n\r\n'), randomBytes(1_000)]));
    await once(socket, 'close');
    expect((await call('GET /healthz')).status).toBe(200);
  });

  it('is closed to another name that leads to this machine', async () => {
    const port = Number(new URL(w.buyer.origin).port);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET / HTTP/1.1\r\nhost: evil.example:${port}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
    );
    let text = '';
    socket.on('data', (data) => (text += String(data)));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 403 /);
  });

  it('gives every answer the headers that keep pages from being framed, sniffed or kept', async () => {
    for (const route of ['GET /', 'GET /nothing', 'GET /style.css', 'POST /login/token']) {
      const { headers } = await call(route);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    }
  });

  it('is not hung where a route does not say who may use it', () => {
    const app = Fastify();
    hangDoor(
      app,
      { organisation: 'x', origin: 'http://127.0.0.1:1' } as unknown as Agent,
      openSessions(
        () => '',
        () => undefined,
      ),
    );
    expect(() => app.get('/forgotten', async () => 'open')).toThrow('does not say who may use it');
  });
});
