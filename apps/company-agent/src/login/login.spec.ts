import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPerson, layout, readCompany, robotBrowser } from '@interlock/company-side';
import type { LocalId, Term } from '@interlock/domain';
import { peekLoginProof, trust, verifyLoginProof } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  approvedGrant,
  askedGrant,
  askProof,
  BUYER,
  browserOf,
  get,
  LEAF,
  PASSPHRASE,
  post,
  program,
  programOf,
  until,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';
import type { RefusedEntry } from '../own/refused-here.js';

jest.setTimeout(60_000);

const GUEST = 'guest-4711' as LocalId;
let w: World;
beforeAll(async () => {
  // Each login in one of these ways, as the agreement asks.
  const ways: Term = { type: 're-login', seconds: 600, acr: ['urn:test:passkey', 'urn:test:password'] };
  const persons = [{ id: 'technician' as LocalId, login: GUEST }];
  const guests: Term = { type: 'identity-provider', party: VENDOR, issuer: BUYER, persons };
  w = await world((agreement) => ({ ...agreement, terms: [...agreement.terms, ways, guests] }));
});
afterAll(() => w?.close());

const redeem = (code: string | null, code_verifier: string, path = '/login/token', side = w.vendor) =>
  post(`${side.origin}${path}`, { code, code_verifier });

describe('a login proof', () => {
  it('is for the person, the key and the grant that the person was shown, and lives at most 15 minutes', async () => {
    const { document } = await approvedGrant(w);
    const { robot, page, verifier, state } = await askProof(w, document.id, 'technician');
    for (const shown of [LEAF, document.id, 'press-7', 'INC-4711', 'UTC']) expect(page.html).toContain(shown);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:45678;");
    const back = await robot.submit(page, {}, '/login/confirm');
    expect(back.url.searchParams.get('state')).toBe(state);
    const answer = await redeem(back.url.searchParams.get('code'), verifier);
    const { entities, certificates, pins } = readCompany(w.vendor.dir);
    const ring = await trust(entities, certificates, pins, Date.now());
    if (!ring.allowed) throw new Error(ring.refusal.code);
    const verified = await verifyLoginProof(String(answer.body.loginProof), VENDOR, BUYER, ring.value, Date.now());
    const claims = verified.allowed ? verified.value.claims : undefined;
    expect(claims).toMatchObject({ sub: 'technician', jkt: LEAF, grant: document.id, acr: 'urn:test:password' });
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBeLessThanOrEqual(900);
    expect(await redeem(back.url.searchParams.get('code'), verifier)).toMatchObject({ body: { code: 'code_unknown' } });
  });

  it('is asked of the provider as the agreement wants it (RFC 9470), and not given for a login of another way', async () => {
    const { document } = await approvedGrant(w);
    const { provider } = w.vendor;
    provider.acr = 'urn:test:one-time-code';
    const { robot, page, verifier } = await askProof(w, document.id, 'technician');
    provider.acr = 'urn:test:password';
    expect(provider.asked).toContain('urn:test:passkey urn:test:password');
    const code = (await robot.submit(page, {}, '/login/confirm')).url.searchParams.get('code');
    expect(await redeem(code, verifier)).toMatchObject({
      status: 403,
      body: { code: 'login_too_weak', clause: 'urn:test:one-time-code' },
    });
  });

  it('is not given for a code with another verifier, and the code is then used up', async () => {
    const { document } = await approvedGrant(w);
    const { robot, page, verifier } = await askProof(w, document.id, 'technician');
    const code = (await robot.submit(page, {}, '/login/confirm')).url.searchParams.get('code');
    expect(await redeem(code, randomBytes(32).toString('base64url'))).toMatchObject({ body: { code: 'code_unknown' } });
    expect(await redeem(code, verifier)).toMatchObject({ status: 400, body: { code: 'code_unknown' } });
  });

  it('is not given for a grant that names somebody else, or is not approved, or was taken away', async () => {
    const { document } = await approvedGrant(w);
    expect((await askProof(w, document.id, 'colleague')).page.html).toContain('outside_grant');
    const asked = await askedGrant(w);
    w.broker.grants.set(asked.document.id, { signed: asked, status: 'active' });
    expect((await askProof(w, asked.document.id, 'technician')).page.html).toContain('approvals_missing');
    const over = await approvedGrant(w, { windows: [{ from: Date.now() - 60_000, to: Date.now() - 1 }] });
    expect((await askProof(w, over.document.id, 'technician')).page.html).toContain('window_over');
  });

  it('is not given by the owner’s agent: it speaks for its own people only', async () => {
    const { document } = await approvedGrant(w);
    const { page } = await askProof(w, document.id, 'first-approver', w.buyer);
    expect(page.html).toContain('not_a_party');
  });

  it('is given by the owner’s agent to a guest of its own, for the person for whom both signed that name', async () => {
    await addPerson(w.buyer.dir, { id: GUEST, groups: [], purposes: [], passphrase: PASSPHRASE, now: Date.now() });
    const { document } = await approvedGrant(w);
    const shown: Awaited<ReturnType<typeof askProof>>[] = [];
    await until(async () => {
      const asked = await askProof(w, document.id, GUEST, w.buyer);
      if (asked.page.html.includes(LEAF)) shown.push(asked);
      return shown.length > 0;
    });
    const { robot, page, verifier } = shown[0]!;
    const code = (await robot.submit(page, {}, '/login/confirm')).url.searchParams.get('code');
    const answer = await redeem(code, verifier, '/login/token', w.buyer);
    const claims = peekLoginProof(String(answer.body.loginProof));
    expect(claims).toMatchObject({ iss: BUYER, sub: GUEST, aud: BUYER, jkt: LEAF, grant: document.id });
    expect(claims?.status?.status_list.uri).toContain(w.buyer.origin);
  });

  it('is asked for by programs on this computer alone', async () => {
    const { document } = await approvedGrant(w);
    for (const redirect of [
      'https://127.0.0.1:9/x',
      'http://localhost:9/x',
      'http://127.0.0.1.evil.example:9/x',
      'http://evil.example/x',
      'http://user@127.0.0.1:9/x',
      'http://127.0.0.1/x',
      'javascript:alert(1)',
      'http://0x7f000001.evil.example:9/',
    ]) {
      const { query } = program();
      query.set('grant', document.id);
      query.set('jkt', LEAF);
      query.set('redirect_uri', redirect);
      const answer = await fetch(`${w.vendor.origin}/login?${query}`, { redirect: 'manual' });
      expect([redirect, answer.status]).toEqual([redirect, 400]);
      expect(await answer.json()).toMatchObject({ code: 'redirect_not_loopback' });
    }
  });

  it('needs the yes on the page: without its token, from another origin or another browser nothing is issued', async () => {
    const { document } = await approvedGrant(w);
    const first = await askProof(w, document.id, 'technician');
    const forged = await first.robot.submit(first.page, { formToken: 'x'.repeat(22) }, '/login/confirm');
    expect(forged.html).toContain('form_not_ours');
    const second = await askProof(w, document.id, 'technician');
    const elsewhere = await second.robot.submit(
      { ...second.page, url: new URL(second.page.url.href) },
      {},
      '/login/confirm',
    );
    expect(elsewhere.url.searchParams.get('code')).not.toBeNull();
    const third = await askProof(w, document.id, 'technician');
    const stranger = await robotBrowser().submit(third.page, {}, '/login/confirm');
    expect(stranger.html).toContain('code_unknown');
  });
});

describe('a token of somebody else', () => {
  it('that the broker obtained as relying party of the same provider opens nothing', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const robot = robotBrowser((url) => url.port === '1');
    const asked = new URL(`${w.vendor.provider.issuer}/auth`);
    asked.search = new URLSearchParams({
      client_id: 'broker-login',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://127.0.0.1:1/callback',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      nonce: 'n',
    }).toString();
    const back = await robot.logIn(asked, { login: 'technician', password: w.vendor.provider.password });
    const code = back.url.searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', client_id: 'broker-login', code, code_verifier: verifier };
    const answer = await fetch(`${w.vendor.provider.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, redirect_uri: 'http://127.0.0.1:1/callback' }),
    });
    const { id_token: idToken } = (await answer.json()) as { id_token: string };
    expect(idToken.split('.')).toHaveLength(3);

    const { entities, certificates, pins } = readCompany(w.vendor.dir);
    const ring = await trust(entities, certificates, pins, Date.now());
    if (!ring.allowed) throw new Error(ring.refusal.code);
    expect(await verifyLoginProof(idToken, VENDOR, BUYER, ring.value, Date.now())).toMatchObject({ allowed: false });
    expect((await get(`${w.vendor.origin}/`, idToken)).status).toBe(401);
    expect(await redeem(idToken.slice(0, 200), verifier)).toMatchObject({ status: 400 });
    expect(await redeem(code, verifier, '/session/token')).toMatchObject({ status: 400 });
  });

  it('cannot finish a login that was begun in this browser: its code is of another client', async () => {
    const robot = robotBrowser();
    const begun = await fetch(`${w.vendor.origin}/sign-in`, { redirect: 'manual' });
    const visit = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: 'a-code-of-another-client', state, iss: w.vendor.provider.issuer });
    const answer = await fetch(`${w.vendor.origin}/oidc/callback?${query}`, { headers: { cookie: visit } });
    expect(await answer.json()).toMatchObject({ code: 'login_needed' });
    expect(robot.cookies(w.vendor.origin).size).toBe(0);
  });
});

describe('a session', () => {
  it('of a browser is no bearer token, and a program’s token is no cookie', async () => {
    const { robot } = await browserOf(w.buyer, 'first-approver');
    const [, secret = ''] = [...robot.cookies(w.buyer.origin)].find(([name]) => name.includes('session')) ?? [];
    expect((await get(`${w.buyer.origin}/`, secret)).status).toBe(401);
    const token = await programOf(w.buyer, 'first-approver');
    const name = `interlock-session-${BUYER}`;
    const answer = await fetch(`${w.buyer.origin}/`, { headers: { cookie: `${name}=${token}` } });
    expect(answer.status).toBe(401);
  });

  it('ends when the person signs out, and was never there for somebody the company does not know', async () => {
    const token = await programOf(w.buyer, 'first-approver');
    expect((await get(`${w.buyer.origin}/`, token)).status).toBe(200);
    const { robot, inbox } = await browserOf(w.buyer, 'second-approver');
    await robot.submit(inbox, {}, '/sign-out');
    expect((await fetch(`${w.buyer.origin}/`)).status).toBe(401);
    const stranger = await browserOf(w.buyer, 'nobody-of-this-company');
    expect(stranger.inbox.html).toContain('person_unknown');
  });

  it('does not sign with a guessed passphrase: after five tries a minute nothing is tried', async () => {
    const asked = await askedGrant(w);
    w.broker.grants.set(asked.document.id, { signed: asked, status: 'asked' });
    const token = await programOf(w.buyer, 'second-approver');
    const bearer = { authorization: `Bearer ${token}` };
    const held = await get(`${w.buyer.origin}/grants/${asked.document.id}`, token);
    const approve = (passphrase: string) =>
      post(`${w.buyer.origin}/grants/${asked.document.id}/approve`, { digest: held.body.digest, passphrase }, bearer);
    for (let n = 0; n < 5; n += 1)
      expect(await approve(`guess ${n}`)).toMatchObject({ body: { code: 'wrong_passphrase' } });
    expect(await approve(PASSPHRASE)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(w.broker.grants.get(asked.document.id)?.signed.signatures).toHaveLength(1);
  });
});

describe('what was refused at an agent', () => {
  it('is evidence of its company: who could not log in, from where, and who was refused what, each with how often', async () => {
    const token = await programOf(w.buyer, 'first-approver');
    expect(await get(`${w.buyer.origin}/api/audit`, token)).toMatchObject({ body: { code: 'role_needed' } });
    await browserOf(w.buyer, 'nobody-of-this-company');
    // What is counted of the minute under way is written when the agent ends.
    await w.restart(w.buyer);
    const folder = join(layout(w.buyer.dir).state, 'refused');
    const files = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
    const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
    const entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line).entry as RefusedEntry);
    const login = { route: 'GET /oidc/callback', code: 'person_unknown', by: '127.0.0.0/24', kind: 'refused' };
    expect(entries).toContainEqual(expect.objectContaining(login));
    const role = { by: 'person first-approver', route: 'GET /api/audit', code: 'role_needed' };
    expect(entries).toContainEqual(expect.objectContaining({ ...role, count: expect.any(Number) }));
    for (const { code } of entries) expect(code).toMatch(/^[a-z_]+$/);
  });

  // The last one: the provider does not come back.
  it('is not possible while the company’s own provider does not answer; who is in stays in, and can still cut', async () => {
    const token = await programOf(w.buyer, 'architect');
    await w.buyer.provider.close();
    const target = { kind: 'agreement', id: w.agreement.id };
    const cut = { verb: 'suspend', agreementId: w.agreement.id, target, reason: 'a test' };
    const done = await post(`${w.buyer.origin}/acts`, cut, { authorization: `Bearer ${token}` });
    expect(done).toMatchObject({ status: 200, body: { act: { document: { verb: 'suspend' } } } });
    await w.restart(w.buyer);
    const answer = await fetch(`${w.buyer.origin}/sign-in`, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('identity provider does not answer, so nobody can log in; try again');
  });
});
