import type { Grant, LocalId } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { aCompany } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { call, ok, until } from './a-caller.js';
import { loginAtTheOwner } from './login-at-the-owner.js';
import { anOauthKey, challengeOf, EXCHANGE, errorOf, JWT_BEARER, MACHINE } from './oauth-client.js';
import { NOES } from './oauth-noes.js';
import { anOauthBroker, anOauthWorld, type OauthBroker, type OauthWorld } from './oauth-world.js';
import { BUYER, ROLES, VENDOR } from './two-companies.js';

let shared: OauthBroker;
/** With the buyer as owner. */
let first: OauthWorld;
/** Its only window is over before the tests are. */
let brief: Grant;
beforeAll(async () => {
  shared = await anOauthBroker();
  first = await anOauthWorld(shared);
  const now = Date.now();
  brief = await first.living({ windows: [{ from: now - 60_000, to: now + 5_000 }] });
}, 60_000);
afterAll(() => shared?.broker.stop());

const recorded = async (kind: 'token.revoked' | 'token.refused') =>
  (await shared.broker.database.query(`select 1 from audit.appended where body ->> 'kind' = $1`, [kind])).length;

describe.each(ROLES)('OAuth at the broker, %s', (_roles, roles) => {
  let world: OauthWorld;
  let { broker, steps, client, grant, robot, gateway } = {} as OauthWorld;
  let { living, forRobot, details, technician, aToken, isActive } = {} as OauthWorld;
  beforeAll(async () => {
    world = roles === ROLES[0]?.[1] ? first : await anOauthWorld(shared, roles(shared.who));
    ({ broker, steps, client, grant, robot, gateway } = world);
    ({ living, forRobot, details, technician, aToken, isActive } = world);
  });

  it('publishes metadata (RFC 8414) that an independent client reads', () => {
    expect(client.server).toMatchObject({
      issuer: broker.origin,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      authorization_details_types_supported: ['interlock_grant'],
    });
  });

  it('takes a login proof for a token of one grant and resource (RFC 8693, RFC 9396), bound to its key (RFC 9449), as evidence', async () => {
    const { key, loginProof } = await technician();
    const given = await client.exchange(key, loginProof, details(grant), { audience: BUYER });
    expect(given).toMatchObject({ token_type: 'dpop', authorization_details: JSON.parse(details(grant)) as object });
    expect(given.expires_in).toBeLessThanOrEqual(300);
    expect(await client.introspect(gateway, given.access_token)).toMatchObject({
      active: true,
      sub: `${VENDOR}/technician`,
      aud: BUYER,
      cnf: { jkt: key.kid },
      authorization_details: JSON.parse(details(grant)) as object,
    });
    const rows = await broker.database.query<{ count: number }>(
      `select count(*)::int as count from audit.appended where body->>'kind' = 'token.issued' and body->>'agreement' is not null`,
    );
    expect(rows[0]?.count).toBeGreaterThan(0);
  });

  it('takes the same assertion of the other domain by RFC 7523, and a machine by its certified key', async () => {
    const { key, loginProof } = await technician();
    const chained = await client.token(key, JWT_BEARER, {
      assertion: loginProof,
      authorization_details: details(grant),
    });
    expect(await isActive(chained.access_token)).toBe(true);
    const machine = anOauthKey(VENDOR, 'robot-1', robot.key);
    const own = await forRobot();
    const { access_token } = await client.token(machine, MACHINE, { authorization_details: details(own) });
    expect(await client.introspect(gateway, access_token)).toMatchObject({ active: true, cnf: { jkt: machine.kid } });
  });

  it('takes a login at the owner for whom the agreement names, who stays a person of the own company', async () => {
    const guest = await loginAtTheOwner(world, 'guest-4711');
    expect(await client.introspect(gateway, await guest.token())).toMatchObject({ sub: `${VENDOR}/technician` });
    // No gateway is there; everything else has been judged by then.
    expect([await guest.chain(), await guest.session()]).toEqual(['shown', 'gateway_not_connected']);
    const other = await loginAtTheOwner(world, 'technician');
    expect([await other.chain(), await other.session()]).toEqual(['not_a_party', 'wrong_issuer']);
    expect(await errorOf(other.token())).toMatchObject({ error: 'invalid_grant', code: 'wrong_issuer' });
    const clause = `identity-provider ${BUYER}`;
    expect(await guest.recorded()).toContainEqual({ kind: 'token.issued', clause });
  });

  it('lives no longer than the login proof behind it', async () => {
    const iat = Math.floor(Date.now() / 1000);
    const { key, loginProof } = await technician(grant, { iat, exp: iat + 20 });
    expect((await client.exchange(key, loginProof, details(grant))).expires_in).toBeLessThanOrEqual(20);
  });

  it('asks for another login where the agreement does (RFC 9470): which ways count, and how fresh it must be', async () => {
    const challenged = { scheme: 'dpop', parameters: { error: 'insufficient_user_authentication' } };
    const asked = { acr_values: 'pwd passkey', max_age: '7200' };
    const iat = Math.floor(Date.now() / 1000);
    for (const over of [{ acr: 'sms' }, { auth_time: iat - 7_200 }]) {
      const { key, loginProof } = await technician(grant, over);
      const [challenge] = await challengeOf(client.exchange(key, loginProof, details(grant)));
      expect(challenge).toMatchObject({ ...challenged, parameters: { ...challenged.parameters, ...asked } });
    }
    // Whoever is shown a token reads how and when its holder logged in, and may ask for more.
    const { key, loginProof } = await technician(grant, { acr: 'passkey', auth_time: iat - 60 });
    const { access_token } = await client.exchange(key, loginProof, details(grant));
    expect(await client.introspect(gateway, access_token)).toMatchObject({ acr: 'passkey', auth_time: iat - 60 });
  });

  it('opens nothing of ours: no route and no gateway takes it', async () => {
    const { token } = await aToken();
    for (const scheme of ['DPoP', 'Bearer', 'Interlock']) {
      const response = await fetch(`${broker.url}/v1/grants/${grant.id}`, {
        headers: { authorization: `${scheme} ${token}` },
      });
      expect(response.status).toBe(401);
    }
  });

  it.each(NOES)('says no to %s', async (_what, ask, error, code) => {
    expect(await errorOf(ask(world))).toMatchObject({ error, code });
  });

  it('takes each proof once: a request that is sent again, in whole or in part, gets nothing (27)', async () => {
    const { key, loginProof } = await technician();
    const sent: { url: string; init: RequestInit }[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = (async (url: string, init: RequestInit) => {
      sent.push({ url, init });
      return real(url, init);
    }) as typeof fetch;
    try {
      await client.exchange(key, loginProof, details(grant));
    } finally {
      globalThis.fetch = real;
    }
    const [first] = sent;
    const again = await fetch(first?.url ?? '', first?.init ?? {});
    expect([again.status, ((await again.json()) as { error: string }).error]).toEqual([401, 'invalid_client']);
    // A new assertion with the old DPoP proof.
    const dpop = new Headers(first?.init.headers).get('dpop') ?? '';
    const claims = { iss: `${VENDOR}/technician`, sub: `${VENDOR}/technician`, aud: broker.origin };
    const iat = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({ ...claims, iat, exp: iat + 30, jti: 'another-assertion' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(key.key);
    const form = new URLSearchParams(String(first?.init.body));
    form.set('client_assertion', assertion);
    const replayed = await fetch(`${broker.url}/oauth/token`, { method: 'POST', headers: { dpop }, body: form });
    expect([replayed.status, ((await replayed.json()) as { error: string }).error]).toEqual([
      400,
      'invalid_dpop_proof',
    ]);
  });

  it('lets a login proof be used five times, however many ask at once (27)', async () => {
    const { key, loginProof } = await technician();
    const asked = await Promise.allSettled(
      Array.from({ length: 8 }, () => client.exchange(key, loginProof, details(grant))),
    );
    expect(asked.filter((one) => one.status === 'fulfilled')).toHaveLength(5);
  });

  it('ends with the grant that is taken away: at introspection and at the token endpoint at once', async () => {
    const cut = await living();
    const before = await aToken(cut);
    expect(await isActive(before.token)).toBe(true);
    expect((await steps.handIn({ target: { kind: 'grant', id: cut.id } })).status).toBe(200);
    expect(await isActive(before.token)).toBe(false);
    const refused = await recorded('token.refused');
    const { key, loginProof } = await technician(cut);
    expect(await errorOf(client.exchange(key, loginProof, details(cut)))).toMatchObject({
      error: 'invalid_grant',
      code: 'taken_away',
    });
    expect(await recorded('token.refused')).toBe(refused + 1);
  });
});

describe('OAuth at the broker', () => {
  let { broker, pair, steps, client, grant, robot, gateway, vendorAgent } = {} as OauthWorld;
  let { forRobot, details, technician, aToken, isActive } = {} as OauthWorld;
  beforeAll(() => {
    ({ broker, pair, steps, client, grant, robot, gateway, vendorAgent } = first);
    ({ forRobot, details, technician, aToken, isActive } = first);
  });

  it('tells a third company, and who shows garbage, the same (5, 11)', async () => {
    const { token } = await aToken();
    const third = await aCompany('third-company.example', Date.now());
    const agent = await third.holder('agent', 'agent', ['login', 'beat', 'call']);
    await ok(call(broker, null, 'PUT', '/v1/entities', { entity: third.entity }));
    await ok(call(broker, agent.signer, 'PUT', '/v1/certificates', { certificates: [agent.certificate] }));
    const stranger = anOauthKey(third.organisation, 'agent', agent.key);
    expect(await client.introspect(stranger, token)).toEqual({ active: false });
    expect(await client.introspect(gateway, 'x'.repeat(43))).toEqual({ active: false });
    expect(await isActive(token, vendorAgent)).toBe(true);
    const unknown = anOauthKey(BUYER, 'plant-gateway');
    expect(await errorOf(client.introspect(unknown, token))).toMatchObject({ status: 401, error: 'invalid_client' });
    const named = anOauthKey(BUYER, 'agent', pair.who.gateway.key);
    expect(await errorOf(client.introspect(named, token))).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  it('ends a token for its own key alone (RFC 7009)', async () => {
    const { key, loginProof, token } = await aToken();
    const other = await technician();
    await client.revoke(other.key, token, other.loginProof);
    await client.revoke(anOauthKey(VENDOR, 'robot-1', robot.key), token);
    expect(await isActive(token)).toBe(true);
    await client.revoke(key, token, loginProof);
    expect(await isActive(token)).toBe(false);
    await client.revoke(key, token, loginProof);
    expect(await recorded('token.revoked')).toBe(1);
    expect(await errorOf(client.revoke(anOauthKey(VENDOR, 'technician'), token))).toMatchObject({
      error: 'invalid_client',
    });
  });

  it('loses every race against a revocation: what is exchanged or renewed beside it is worth nothing when both are done', async () => {
    const machine = anOauthKey(VENDOR, 'robot-1', robot.key);
    for (let round = 0; round < 3; round += 1) {
      const [cut, own] = [await first.living(), await forRobot()];
      const held = await aToken(cut);
      const fresh = await technician(cut);
      const asked = [
        client.exchange(fresh.key, fresh.loginProof, details(cut)),
        // Renewed: the same login, once more, while the token of before lives.
        client.exchange(held.key, held.loginProof, details(cut)),
        client.token(machine, MACHINE, { authorization_details: details(own) }),
      ];
      const revoked = [cut, own].map(({ id }, at) =>
        steps.handIn({ target: { kind: 'grant', id }, sequence: 2 * round + at + 1, reason: `round ${round}` }),
      );
      const given = await Promise.allSettled(asked);
      for (const done of await Promise.all(revoked)) expect(done.status).toBe(200);
      const got = given.flatMap((one) => (one.status === 'fulfilled' ? [one.value.access_token] : []));
      const living = await Promise.all([held.token, ...got].map((token) => isActive(token)));
      expect(living.filter((isLiving) => isLiving)).toEqual([]);
      const late = await technician(cut);
      const again = [
        client.exchange(held.key, held.loginProof, details(cut)),
        client.exchange(late.key, late.loginProof, details(cut)),
        client.token(machine, MACHINE, { authorization_details: details(own) }),
      ];
      for (const { error } of await Promise.all(again.map(errorOf))) expect(error).toBe('invalid_grant');
    }
  });

  it('ends with the key and the person that are taken away', async () => {
    const own = await forRobot();
    const machine = anOauthKey(VENDOR, 'robot-1', robot.key);
    const { access_token } = await client.token(machine, MACHINE, { authorization_details: details(own) });
    const key2 = { kind: 'key' as const, id: robot.signer.kid };
    const act = await steps.handIn({ target: key2, sequence: 1 }, pair.agreement, pair.who.vendorAgent);
    expect(act.status).toBe(200);
    expect(await isActive(access_token)).toBe(false);
    expect((await errorOf(client.token(machine, MACHINE, { authorization_details: details(own) }))).error).toMatch(
      /^invalid_(client|grant)$/,
    );
    const person = await aToken();
    const target = { kind: 'person' as const, id: 'technician' as LocalId };
    expect((await steps.handIn({ target, sequence: 2 }, pair.agreement, pair.who.vendorAgent)).status).toBe(200);
    expect(await isActive(person.token)).toBe(false);
    const late = await technician();
    expect(await errorOf(client.exchange(late.key, late.loginProof, details(grant)))).toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('refuses garbage in the standards’ own body', async () => {
    for (const [type, body] of [
      ['application/x-www-form-urlencoded', 'grant_type=&&=%'],
      ['application/x-www-form-urlencoded', `grant_type=${EXCHANGE}&grant_type=${EXCHANGE}`],
      ['application/json', '{"grant_type":"client_credentials"}'],
    ] as const) {
      const answer = await fetch(`${broker.url}/oauth/token`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect([400, 401]).toContain(answer.status);
      expect(await answer.json()).toMatchObject({ error: expect.stringMatching(/^(invalid_|unsupported_grant_type)/) });
    }
  });

  it('ends with the last window of its grant, which stands in the log though nobody did it', async () => {
    const expired = () =>
      broker.database.query(
        `select 1 from audit.appended where body ->> 'kind' = 'grant.expired' and body ->> 'grant' = $1`,
        [digestOf(brief)],
      );
    await until(async () => (await expired()).length > 0);
    expect(await steps.statusOf(brief)).toBe('expired');
    expect(await expired()).toHaveLength(1);
  }, 60_000);
});
