import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Transactor } from '@interlock/chassis/db';
import type { AgreementId } from '@interlock/domain';
import { keySigner, newPrivateKey, signCallerProof, signDocument } from '@interlock/proof';
import { anAgreement } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import WebSocket from 'ws';
import { takeProofs } from '../../../apps/federation-api/src/store/used-proof.store.js';
import { dataSource } from '../../../libs/chassis/src/db/data-source.js';
import { aBroker, type Broker, ORIGIN } from './a-broker.js';
import { call, ok, proofFor, TestChannel } from './a-caller.js';
import { eachList } from './each-list.js';
import { type Agreed, agreed, anId, aPartnership, publishBoth } from './two-companies.js';

const GARBAGE: readonly unknown[] = [
  null,
  7,
  'text',
  [],
  {},
  { act: null },
  { __proto__: null, constructor: 1 },
  [[[]]],
];

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the edge', () => {
  let broker: Broker;
  let pair: Agreed;
  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    pair = await agreed(broker, who);
  }, 60_000);
  afterAll(() => broker?.stop());

  const raw = (method: string, target: string, headers: Record<string, string>, body?: string) =>
    fetch(`${broker.url}${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const agent = () => pair.who.buyerAgent.signer;

  const BODY_ROUTES: readonly (readonly [string, string])[] = [
    ['PUT', '/v1/entities'],
    ['PUT', '/v1/certificates'],
    ['POST', '/v1/agreements'],
    ['POST', `/v1/agreements/${anId('agr')}/signatures`],
    ['POST', '/v1/acts'],
    ['POST', '/v1/verdicts'],
    ['POST', '/v1/grants'],
    ['POST', `/v1/grants/${anId('grt')}/signatures`],
    ['POST', `/v1/grants/${anId('grt')}/denial`],
    ['POST', '/v1/sessions'],
    ['POST', '/v1/evidence'],
  ];
  const callerOf = (target: string) => {
    if (target === '/v1/entities') return null;
    return target === '/v1/evidence' ? pair.who.gateway.signer : agent();
  };

  it.each(BODY_ROUTES)('%s %s answers garbage with a problem that names the place', async (method, target) => {
    for (const body of GARBAGE) {
      const answered = await call(broker, callerOf(target), method, target, body);
      // An agent opens no sessions whatever it sends.
      const code = target === '/v1/sessions' ? 'caller_not_allowed' : 'malformed';
      expect([answered.status, answered.code]).toEqual([code === 'malformed' ? 400 : 403, code]);
    }
    const broken = await raw(method, target, { 'content-type': 'application/json' }, '{"a":');
    expect(broken.status).toBeGreaterThanOrEqual(400);
    expect(broken.status).toBeLessThan(500);
  });

  it('writes the trace of a request into the evidence of what it did, and tells which it was', async () => {
    const agreement = anAgreement(pair.who, { id: anId<AgreementId>('agr') }, Date.now());
    const signatures = [await signDocument(agreement, pair.who.vendor.agreement, Date.now())];
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
    await ok(
      call(
        broker,
        pair.who.vendorAgent.signer,
        'POST',
        '/v1/agreements',
        { agreement: { document: agreement, signatures } },
        { traceparent },
      ),
    );
    const written = await broker.database.query<{ log: string }>(
      `select log from audit.appended where body ->> 'correlation' = $1`,
      [TRACE],
    );
    expect(new Set(written.map(({ log }) => log))).toEqual(new Set([agreement.id]));
    const answer = await raw('GET', '/v1/entities/x', { traceparent: 'hunter2' });
    expect(answer.headers.get('traceresponse')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it.each([
    '/v1/agreements/agr_%00/standing',
    '/v1/agreements/..%2f..%2fetc/standing',
    '/v1/grants/x',
    '/v1/grants?status=none',
    '/v1/grants?status=asked&status=active',
    '/v1/grants?unknown=1',
    '/v1/audit/events?log=agr_x',
    `/v1/audit/events?log=${anId('agr')}&limit=-1`,
    `/v1/audit/consistency?log=${anId('agr')}&from=x`,
    '/v1/entities/not-a-thumbprint',
    `/v1/grants/${'g'.repeat(300)}`,
  ])('GET %s is malformed', async (target) => {
    const answered = await call(broker, agent(), 'GET', target);
    expect(answered.status).toBeGreaterThanOrEqual(400);
    expect(answered.status).toBeLessThan(500);
  });

  it('refuses a body over 1 MiB before it asks who sends it', async () => {
    const big = JSON.stringify({ records: 'x'.repeat(1024 * 1024) });
    const answered = await raw('POST', '/v1/evidence', { 'content-type': 'application/json' }, big);
    expect(answered.status).toBe(413);
    expect(await answered.json()).toMatchObject({ code: 'too_large' });
  });

  it('answers a caller that proves nothing, or something else, in one and the same way', async () => {
    const target = '/v1/agreements';
    const good = () => proofFor(broker, agent(), 'GET', target);
    const of = (over: object, signer = agent(), now = Date.now()) =>
      signCallerProof(
        { method: 'GET', target, audience: ORIGIN, body: new Uint8Array(), ...over },
        signer,
        now,
        randomBytes(16).toString('base64url'),
      );
    const stranger = keySigner(pair.who.buyer.organisation, newPrivateKey());
    const proofs = [
      undefined,
      'Bearer x',
      'Interlock',
      'Interlock x.y.z',
      `Interlock ${'a'.repeat(5_000)}`,
      `Interlock ${await of({ method: 'POST' })}`,
      `Interlock ${await of({ target: '/v1/grants' })}`,
      `Interlock ${await of({ audience: 'https://other-broker.example' })}`,
      `Interlock ${await of({ body: Buffer.from('{}') })}`,
      `Interlock ${await of({}, stranger)}`,
      `Interlock ${await of({}, pair.who.technician.signer)}`,
      `Interlock ${await of({}, agent(), Date.now() - 61_000)}`,
      `Interlock ${await of({}, agent(), Date.now() + 120_000)}`,
    ];
    const answers = await Promise.all(
      proofs.map(async (authorization) => {
        const answered = await raw('GET', target, authorization === undefined ? {} : { authorization });
        return [answered.status, await answered.text()];
      }),
    );
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(answers[0]?.[0]).toBe(401);
    expect((await raw('GET', target, { authorization: await good() })).status).toBe(200);
  });

  it('takes a caller proof once', async () => {
    const authorization = await proofFor(broker, agent(), 'GET', '/v1/agreements');
    const statuses = await Promise.all(
      [1, 2, 3].map(async () => (await raw('GET', '/v1/agreements', { authorization })).status),
    );
    expect(statuses.sort()).toEqual([200, 401, 401]);
  });

  it('lets a gateway do nothing an agent does, and an agent nothing a gateway does', async () => {
    const { gateway, recipient } = pair.who;
    for (const target of ['/v1/agreements', '/v1/grants']) {
      expect((await call(broker, gateway.signer, 'GET', target)).code).toBe('caller_not_allowed');
    }
    expect((await call(broker, agent(), 'POST', '/v1/evidence', { records: [] })).code).toBe('caller_not_allowed');
    expect(
      (await call(broker, recipient.signer.key.crv === 'X25519' ? null : agent(), 'POST', '/v1/sessions', {})).code,
    ).toMatch(/caller_/);
  });

  it('makes strangers who flood wait, tells them how long, and lets others go on', async () => {
    const target = '/v1/entities/nobody';
    const answers = await Promise.all(Array.from({ length: 400 }, () => raw('GET', target, {})));
    const limited = answers.filter((answered) => answered.status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]?.headers.get('retry-after')).toBe('1');
    expect(await limited[0]?.json()).toMatchObject({ code: 'rate_limited' });
    expect((await call(broker, agent(), 'GET', '/v1/agreements')).status).toBe(200);
  });

  it('is healthy for everybody', async () => {
    expect((await call(broker, null, 'GET', '/v1/health')).body).toEqual({ ok: true });
  });

  describe('channel', () => {
    it.each([
      ['text that is no JSON', 'garbage', 1007],
      ['a frame nobody knows', JSON.stringify({ t: 'open-sesame' }), 1007],
      ['a frame with more in it', JSON.stringify({ t: 'ask-standing', agreementId: anId('agr'), more: 1 }), 1007],
      ['bytes', Buffer.from([0, 1, 2]), 1003],
      ['a gateway frame of an agent', JSON.stringify({ t: 'ask-standing', agreementId: anId('agr') }), 1008],
      ['a frame over 1 MiB', 'x'.repeat(1024 * 1024 + 1), 1009],
    ])('closes on %s with a code', async (_what, frame, code) => {
      const channel = await TestChannel.open(broker, agent());
      channel.send(frame);
      expect((await channel.untilClosed()).code).toBe(code);
    });

    it('lets who floods wait for himself, and for nobody else', async () => {
      const flooding = await TestChannel.open(broker, pair.who.gateway.signer);
      for (let at = 0; at < 300; at += 1) flooding.send({ t: 'ask-standing', agreementId: anId('agr') });
      flooding.send({ t: 'nonce', agreementId: pair.agreement.id, nonce: 'after-all-the-others' });
      const calm = await TestChannel.open(broker, pair.who.vendorAgent.signer);
      await ok(call(broker, agent(), 'GET', '/v1/agreements'));
      expect(calm.frames.filter((frame) => frame.t === 'nonce')).toEqual([]);
      await calm.next((frame) => frame.nonce === 'after-all-the-others', 25_000);
      for (const channel of [calm, flooding]) channel.close();
    }, 30_000);

    it('opens for agents and gateways that prove their key, and for nobody else', async () => {
      const status = async (authorization: string | undefined, path = '/v1/channel') => {
        const socket = new WebSocket(`${broker.url.replace('http', 'ws')}${path}`, {
          headers: authorization === undefined ? {} : { authorization },
        });
        return new Promise<number | undefined>((resolve) => {
          socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
          socket.once('open', () => resolve(101));
          socket.on('error', () => undefined);
        });
      };
      expect(await status(undefined)).toBe(401);
      expect(await status('Interlock nonsense')).toBe(401);
      expect(await status(await proofFor(broker, agent(), 'POST', '/v1/channel'))).toBe(401);
      expect(await status(await proofFor(broker, agent(), 'GET', '/v1/other'), '/v1/other')).toBe(404);
      const once = await proofFor(broker, agent(), 'GET', '/v1/channel');
      expect([await status(once), await status(once)]).toEqual([101, 401]);
    });

    it('survives bytes that are no HTTP', async () => {
      const { port } = new URL(broker.url);
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(randomBytes(4_096)));
        socket.on('error', () => undefined);
        socket.once('close', () => resolve());
        socket.resume();
      });
      expect((await call(broker, null, 'GET', '/v1/health')).status).toBe(200);
    });

    it('takes a caller proof once, at whichever replica it is shown', async () => {
      const second = await broker.anotherEdge();
      const authorization = await proofFor(broker, agent(), 'GET', '/v1/agreements');
      const show = async (url: string) => (await fetch(`${url}/v1/agreements`, { headers: { authorization } })).status;
      expect(await show(broker.url)).toBe(200);
      expect([await show(second), await show(broker.url)]).toEqual([401, 401]);
      const again = await proofFor(broker, agent(), 'GET', '/v1/agreements');
      // Many at each.
      const many = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? broker.url : second));
      const raced = await Promise.all(
        many.map((url) => fetch(`${url}/v1/agreements`, { headers: { authorization: again } })),
      );
      expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(raced.filter(({ status }) => status === 401)).toHaveLength(19);
    });

    it('takes one of two alike that come together, and each of two that are not', async () => {
      const address = { url: broker.database.urlFor('federation-api'), schema: 'federation_api' };
      const source = await dataSource(address, [], 2).initialize();
      const take = (...jtis: readonly string[]) =>
        new Transactor(source, 'federation-api').run((tx) =>
          takeProofs(
            tx,
            jtis.map((jti) => ({ madeAs: 'caller', key: 'one', jti, expiresAt: new Date(Date.now() + 60_000) })),
          ),
        );
      expect(await take('b', 'a', 'b', 'c', 'a')).toEqual([true, true, false, true, false]);
      expect(await take('d', 'c', 'd')).toEqual([true, false, false]);
      await source.destroy();
    });

    it('is one per holder: the newest wins, whichever replica holds it', async () => {
      const first = await TestChannel.open(broker, agent());
      const second = await TestChannel.open(broker, agent());
      expect((await first.untilClosed()).code).toBe(4_000);
      const other = { origin: broker.origin, url: await broker.anotherEdge() };
      const third = await TestChannel.open(other, agent());
      expect((await second.untilClosed()).code).toBe(4_000);
      expect(third.closed).toBeUndefined();
      await ok(call(other, agent(), 'GET', '/v1/agreements'));
      third.close();
    });
  });

  describe('every list of the API', () => {
    eachList(() => ({ broker, pair }));
  });
});
