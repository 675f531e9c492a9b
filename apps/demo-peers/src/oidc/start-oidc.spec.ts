import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import * as openid from 'openid-client';
import { Browser } from '../../test/login-browser.js';
import type { RunningRole } from '../running-role.js';
import { startOidc } from './start-oidc.js';

const password = randomBytes(18).toString('base64url');
const REDIRECT = 'http://127.0.0.1:1/callback';
const ACR = 'urn:interlock:demo:password';
let folder: string;
let env: Record<string, string>;
let role: RunningRole;
let agent: openid.Configuration;
let laptop: openid.Configuration;

const people = [
  { sub: 'tech-1', name: 'First technician', email: 'tech-1@vendor.example', groups: ['service', 'night'], password },
];
const writeAccounts = (accounts: object[]) => writeFile(env.OIDC_ACCOUNTS_FILE ?? '', JSON.stringify(accounts));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oidc-'));
  env = {
    OIDC_ACCOUNTS_FILE: join(folder, 'accounts.json'),
    OIDC_CLIENTS_FILE: join(folder, 'clients.json'),
    OIDC_FOLDER: join(folder, 'own'),
    OIDC_NAME: 'Alpine <Presses>',
  };
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const clients = [
    {
      client_id: 'company-agent',
      client_name: 'Company agent',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(publicKey)] },
    },
    {
      client_id: 'laptop',
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
  ];
  await writeFile(env.OIDC_CLIENTS_FILE ?? '', JSON.stringify(clients));
  await writeAccounts(people);
  role = await startOidc([], env, () => {});
  const plain = { execute: [openid.allowInsecureRequests] };
  const issuer = new URL(String(role.ready.issuer));
  agent = await openid.discovery(issuer, 'company-agent', undefined, openid.PrivateKeyJwt(privateKey), plain);
  laptop = await openid.discovery(issuer, 'laptop', undefined, openid.None(), plain);
});
beforeEach(() => writeAccounts(people));
afterAll(async () => {
  await role.close();
  await rm(folder, { recursive: true });
});

const newBrowser = () => new Browser(String(role.ready.issuer));

const begin = async (config: openid.Configuration, redirect: string, more: Record<string, string> = {}) => {
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: 'openid profile email groups',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  const redeem = (callback: URL) =>
    openid.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      ...(more.max_age && { maxAge: Number(more.max_age) }),
    });
  return { url, redeem };
};
const right = () => ({ login: 'tech-1', password });

describe('a login', () => {
  it('through the page gives a company agent name, groups, acr and the time of the login', async () => {
    const browser = newBrowser();
    const { url, redeem } = await begin(agent, REDIRECT, { max_age: '300', acr_values: ACR });
    const page = await browser.open(url);
    expect(page.status).toBe(200);
    const back = await browser.submit(page, right());
    expect(back.url.href).toContain(REDIRECT);
    const before = Math.floor(Date.now() / 1_000);
    const tokens = await redeem(back.url);
    const claims = tokens.claims();
    expect(claims).toMatchObject({
      iss: role.ready.issuer,
      aud: 'company-agent',
      sub: 'tech-1',
      name: 'First technician',
      email: 'tech-1@vendor.example',
      groups: ['service', 'night'],
      acr: ACR,
    });
    expect(Math.abs(Number(claims?.auth_time) - before)).toBeLessThanOrEqual(5);
    expect(await openid.fetchUserInfo(agent, tokens.access_token, 'tech-1')).toMatchObject({
      groups: ['service', 'night'],
    });
    await expect(redeem(back.url)).rejects.toThrow(/./);
  });

  it('of a program on a laptop needs no secret, any loopback port, and PKCE', async () => {
    const browser = newBrowser();
    const { url, redeem } = await begin(laptop, 'http://127.0.0.1:54321/callback');
    const back = await browser.submit(await browser.open(url), right());
    expect((await redeem(back.url)).claims()).toMatchObject({ aud: 'laptop', sub: 'tech-1', acr: ACR });
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    expect((await browser.open(url)).url.searchParams.get('error')).toBe('invalid_request');
  });

  it('with a wrong password shows the page again with the fault, and can be mended there', async () => {
    const browser = newBrowser();
    const { url, redeem } = await begin(agent, REDIRECT);
    const page = await browser.open(url);
    for (const wrong of [
      { login: 'tech-1', password: 'wrong' },
      { login: '"><script>', password: 'x' },
    ]) {
      const again = await browser.submit(page, wrong);
      expect(again.status).toBe(403);
      expect(again.html).toContain('role="alert">Name or password is wrong');
      expect(again.html).not.toContain('<script>');
    }
    expect((await browser.submit(page, { login: 'tech-1' })).status).toBe(400);
    const back = await browser.submit(page, right());
    expect((await redeem(back.url)).claims()?.sub).toBe('tech-1');
  });

  it('is not asked for twice in one browser, unless the application wants it fresh', async () => {
    const browser = newBrowser();
    const first = await begin(agent, REDIRECT);
    const done = await browser.submit(await browser.open(first.url), right());
    const time = (await first.redeem(done.url)).claims()?.auth_time;
    const second = await begin(agent, REDIRECT);
    const silent = await browser.open(second.url);
    expect((await second.redeem(silent.url)).claims()).toMatchObject({ auth_time: time, acr: ACR });
    const fresh = await begin(agent, REDIRECT, { prompt: 'login' });
    expect((await browser.open(fresh.url)).html).toContain('<h1>Log in to');
  });

  it('that is cancelled goes back to the application with a no', async () => {
    const browser = newBrowser();
    const page = await browser.open((await begin(agent, REDIRECT)).url);
    const cancel = /action="([^"]+\/cancel)"/.exec(page.html)?.[1] ?? '';
    const back = await browser.open(new URL(cancel, page.url), {});
    expect(back.url.searchParams.get('error')).toBe('access_denied');
  });

  it('page is labelled, loads nothing and cannot be framed', async () => {
    const { html, headers } = await newBrowser().open((await begin(agent, REDIRECT)).url);
    expect(html).toContain('<html lang="en">');
    for (const field of ['login', 'password']) expect(html).toContain(`<label for="${field}">`);
    expect(html).toContain('Alpine &#60;Presses&#62;');
    expect(html).not.toMatch(/src=|<script|https?:/);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  });
});

describe('a leaver', () => {
  it.each([
    ['is disabled', () => writeAccounts([{ ...people[0], disabled: true }])],
    ['is taken out', () => writeAccounts([])],
    ['shares a file that became unreadable', () => writeFile(env.OIDC_ACCOUNTS_FILE ?? '', '[{')],
  ])('who %s gets no token, although his session is open', async (_what, leave) => {
    const browser = newBrowser();
    const first = await begin(agent, REDIRECT);
    const back = await browser.submit(await browser.open(first.url), right());
    await leave();
    await expect(first.redeem(back.url)).rejects.toThrow(/./);
    const again = await begin(agent, REDIRECT);
    const page = await browser.open(again.url);
    expect(page.url.href).not.toContain('code=');
    const fresh = newBrowser();
    expect((await fresh.submit(await fresh.open(again.url), right())).status).toBe(403);
  });
});

describe('a stranger', () => {
  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['another redirect', { redirect_uri: 'http://127.0.0.1:1/callback/../evil' }],
    ['an answer in the address', { response_type: 'id_token', response_mode: 'fragment' }],
  ])('with %s gets no page to log in', async (_what, over) => {
    const { url } = await begin(agent, REDIRECT, over);
    const page = await newBrowser().open(url);
    expect(page.html).not.toContain('<form');
    expect(page.url.searchParams.has('code')).toBe(false);
  });

  it('cannot go on with the login of another browser', async () => {
    const victim = newBrowser();
    const page = await victim.open((await begin(agent, REDIRECT)).url);
    const stolen = await newBrowser().submit(page, right());
    expect(stolen).toMatchObject({ status: 400, html: expect.stringContaining('has expired') });
    const other = newBrowser();
    await other.open((await begin(agent, REDIRECT)).url);
    expect((await other.submit(page, right())).status).toBe(400);
  });

  it('who is not the client cannot redeem its code', async () => {
    const browser = newBrowser();
    const { url } = await begin(agent, REDIRECT);
    const back = await browser.submit(await browser.open(url), right());
    const code = back.url.searchParams.get('code') ?? '';
    const body = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id: 'company-agent' };
    const answer = await fetch(`${role.ready.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) });
    expect(await answer.json()).not.toHaveProperty('id_token');
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it('who guesses is told to wait', async () => {
    const browser = newBrowser();
    const page = await browser.open((await begin(agent, REDIRECT)).url);
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      statuses.push((await browser.submit(page, { login: 'guessed', password: String(i) })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429]);
  });

  it('who sends garbage is answered or closed, and the next is served', async () => {
    const browser = newBrowser();
    const page = await browser.open((await begin(agent, REDIRECT)).url);
    expect((await browser.submit(page, { login: 'x'.repeat(100_000), password: 'x' })).status).toBe(400);
    for (const path of ['/interaction/..%2f', '/interaction/x/login', '/%00', '/interaction/x', '/token', '/auth?%']) {
      expect((await fetch(`${role.ready.issuer}${path}`)).status).toBeGreaterThanOrEqual(400);
    }
    const socket = connect(Number(role.ready.port), '127.0.0.1').resume();
    socket.on('error', () => {});
    socket.write(Buffer.concat([Buffer.from('\u0000SSH-2.0\r\n\r\n'), randomBytes(1_000)]));
    await once(socket, 'close');
    expect((await fetch(`${role.ready.issuer}/.well-known/openid-configuration`)).status).toBe(200);
  });
});

describe('the provider', () => {
  it('publishes one public key, and keeps the private one in its folder for itself', async () => {
    const { keys } = (await (await fetch(`${role.ready.issuer}/jwks`)).json()) as { keys: Record<string, string>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ alg: 'ES256', kty: 'EC' });
    expect(keys[0]).not.toHaveProperty('d');
    expect((await stat(join(folder, 'own', 'oidc-keys.json'))).mode & 0o077).toBe(0);
    const again = await startOidc([], env, () => {});
    const kept = (await (await fetch(`${again.ready.issuer}/jwks`)).json()) as { keys: Record<string, string>[] };
    await again.close();
    expect(kept.keys[0]?.kid).toBe(keys[0]?.kid);
  });

  it('names every missing setting at once, and an unusable accounts file', async () => {
    await expect(startOidc([], {}, () => {})).rejects.toThrow(/OIDC_ACCOUNTS_FILE[\s\S]*OIDC_CLIENTS_FILE/);
    await writeAccounts([{ sub: 'x' }]);
    await expect(startOidc([], env, () => {})).rejects.toThrow(/OIDC_ACCOUNTS_FILE: 0\.name/);
  });
});
