import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { handOver } from './hand-over.js';
import { notTaken, postTo, TAKEN, type Taken } from './post.js';
import { isOfWebhook, webhookHeaders, webhookKey } from './signed-message.js';

describe('a signed message', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const key = webhookKey(secret);
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: Buffer.from('{"test": 2432232314}') };
  const at = 1_614_265_330_000;

  it('is signed as the vector of the standard', () => {
    expect(webhookHeaders(key, message, at)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is believed for five minutes, unaltered, of whoever holds the secret', () => {
    const headers = webhookHeaders(key, message, at);
    const believed = (over: Record<string, string>, body = message.body, now = at, by = key) =>
      isOfWebhook(by, { ...headers, ...over }, body, now);
    expect(believed({})).toBe(true);
    expect(believed({ 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` })).toBe(true);
    expect([believed({}, message.body, at + 300_000), believed({}, message.body, at + 302_000)]).toEqual([true, false]);
    expect(believed({}, Buffer.from('{}'))).toBe(false);
    expect(believed({ 'webhook-id': 'another' })).toBe(false);
    expect(believed({ 'webhook-timestamp': '1614265331' })).toBe(false);
    expect(believed({}, message.body, at, webhookKey(`whsec_${Buffer.alloc(24).toString('base64')}`))).toBe(false);
  });

  it.each(['', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_', 'whsec_c2hvcnQ='])(
    'has a secret, and %j is none',
    (text) => {
      expect(() => webhookKey(text)).toThrow('whsec_');
    },
  );
});

describe('what is handed over', () => {
  const run = async (answers: Taken[], count = 5) => {
    const [taken, waits]: [number[], number[]] = [[], []];
    await handOver<number>({
      next: (most) => Array.from({ length: count }, (_, n) => n).slice(taken.length, taken.length + most),
      take: () => Promise.resolve(answers.shift() ?? TAKEN),
      taken: (some) => void taken.push(...some),
      onWaiting: (_why, ms) => void waits.push(ms),
      rest: () => Promise.resolve(),
      most: 4,
      stop: new AbortController().signal,
    });
    return { taken, waits };
  };

  it('is tried again, further and further apart, and keeps its order', async () => {
    const no = notTaken('it answered 500');
    expect(await run([no, no, no])).toEqual({ taken: [0, 1, 2, 3, 4], waits: [1_000, 2_000, 4_000] });
    const [waits] = [(await run(Array.from({ length: 9 }, () => no))).waits];
    expect(Math.max(...waits)).toBe(60_000);
  });

  it('waits as long as the receiver asks, and comes in halves where it is too large', async () => {
    const later = notTaken('it answered 429', { waitMs: 7_000 });
    const large = notTaken('it answered 413', { smaller: true });
    expect(await run([later, large, large])).toEqual({ taken: [0, 1, 2, 3, 4], waits: [7_000] });
  });

  it('ends with the signal while it is refused', async () => {
    const stop = new AbortController();
    let tried = 0;
    const rest = () => Promise.resolve(void (++tried === 3 && stop.abort()));
    const never = () => Promise.resolve(notTaken('no'));
    const more = { next: () => [1], taken: () => undefined, onWaiting: () => undefined, most: 1 };
    await handOver<number>({ ...more, take: never, rest, stop: stop.signal });
    expect(tried).toBe(3);
  });
});

describe('a receiver that asks to be left alone', () => {
  it.each([
    ['7', 7_000],
    ['99999999999', 3_600_000],
    ['1e300', 3_600_000],
  ])('with Retry-After %s is asked again after %i ms: no longer than a timer can hold', async (header, waitMs) => {
    const server = createServer((_request, response) => response.writeHead(429, { 'retry-after': header }).end());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const to = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await postTo(to, {}, Buffer.from('{}'), {})).toMatchObject({ taken: false, waitMs });
    await new Promise((done) => server.close(done));
  });
});
