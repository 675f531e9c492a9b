import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { signed } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import { JUDGED_PER_SECOND } from '../../../apps/edge-gateway/src/session/sessions.js';
import { revocation } from './honest-agents.js';
import { aPlant, local, opened, type Plant, ready, stateOf, until } from './plant.js';

const MIB = 1024 * 1024;
/** What a small industrial computer can spare for a broker that floods it. */
const MOST = 250 * MIB;

/** The most memory this process had beyond what it began with, looked at every few milliseconds. */
function memory() {
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 20);
  return () => {
    clearInterval(timer);
    return most;
  };
}

const cutByHand = async (plant: Plant): Promise<number> => {
  const act = await signed(revocation(plant.right), plant.right.who.buyerAgent.signer, Date.now());
  return (await local(plant, 'POST', '/acts', { act })).status;
};

describe('a gateway under a flood', () => {
  it('takes garbage of every kind on its channel, keeps its session, and hears a cut', async () => {
    await using plant = await aPlant();
    const session = await opened(plant);
    const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const garbage: (string | Buffer)[] = [
      '',
      ' ',
      'null',
      '7',
      '"offer"',
      '[]',
      '{}',
      '{"t":7}',
      '{"t":"offer"}',
      '{"t":"act","act":{}}',
      '{"__proto__":{"t":"act"}}',
      nested,
      '{"t":"standing","standing":{"agreementId":"agr_0123456789abcdefghjkmnpqrs"}}',
      '{"t":"beat"',
      '\u0000',
      '\ud800',
      randomBytes(4_096),
    ];
    for (const one of garbage) await plant.broker.raw(one);
    for (let n = 0; n < 2_000; n += 1) void plant.broker.raw(randomBytes(64).toString('latin1'));
    await until(() => plant.heard.filter((line) => line.event === 'frame.garbage').length >= 2_000);
    expect((await stateOf(plant)).sessions).toHaveLength(1);
    expect(await cutByHand(plant)).toBe(200);
    expect(await session.closed).toMatchObject({ code: 'taken_away' });
  }, 60_000);

  it('takes frames of eight MiB and more without holding them all', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const peak = memory();
    const text = 'x'.repeat(8 * MIB - 64);
    const frame = JSON.stringify({ t: 'act', text });
    for (let n = 0; n < 20; n += 1) await plant.broker.raw(frame);
    // One byte too many ends the connection, and the gateway comes again.
    await plant.broker.raw('y'.repeat(8 * MIB + 1));
    await until(() => plant.heard.filter((line) => line.event === 'frame.garbage').length >= 20, 30_000);
    await until(() => plant.broker.connected, 30_000);
    plant.broker.standing(plant.right);
    await ready(plant);
    expect(peak()).toBeLessThan(MOST);
  }, 90_000);

  it('takes offers faster than it can judge them, and a cut by hand is not behind them', async () => {
    await using plant = await aPlant();
    const session = await opened(plant);
    const peak = memory();
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    const { entities, agreement, grant } = offer.chain;
    const bare = { document: { ...agreement.document, terms: [] }, signatures: agreement.signatures };
    const text = JSON.stringify({
      ...offer,
      chain: { entities: entities.slice(0, 1), certificates: [], agreement: bare, grant },
    });
    const wave = async (from: number) => {
      const names = Array.from({ length: 250 }, (_, n) => `ses_${(from + n).toString().padStart(26, '0')}`);
      await Promise.all(names.map((name) => plant.broker.raw(text.replace(offer.session, name))));
    };
    const flood = async () => {
      for (let from = 0; from < 1_500; from += 250) await wave(from);
    };
    const began = performance.now();
    const sent = flood();
    expect(await cutByHand(plant)).toBe(200);
    expect(await session.closed).toMatchObject({ code: 'taken_away' });
    await until(() => plant.heard.filter((line) => line.event === 'offer').length > 1_500, 90_000);
    await sent;
    expect(plant.machine.bytes()).toBeLessThan(20);
    // Slow senders are never turned away, fast ones are: in no time are more judged than that time allows.
    const judged = plant.heard.filter((line) => line.event === 'offer' && line.code !== 'rate_limited').length;
    expect(judged).toBeLessThan(JUDGED_PER_SECOND * (2 + (performance.now() - began) / 1_000));
    expect(peak()).toBeLessThan(MOST);
  }, 120_000);

  it('takes garbage on its local port: rubbish, half requests, long bodies, unknown paths', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const statuses = await Promise.all(
      [
        local(plant, 'POST', '/acts', { act: 'x' }),
        local(plant, 'POST', '/beats', {}),
        local(plant, 'POST', '/acts', { act: 'x'.repeat(300_000) }),
        local(plant, 'GET', '/../../etc/passwd'),
        local(plant, 'PATCH', '/state'),
        local(plant, 'PUT', '/lockout'),
      ].map((asked) =>
        asked.then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    expect(statuses.every((status) => [0, 400, 401, 404, 413].includes(status))).toBe(true);
    for (const said of [
      '\u0000\u0001',
      'GET',
      'GET / HTTP/9\r\n\r\n',
      'POST /acts HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n{',
    ]) {
      const socket = connect(plant.gateway.localPort, '127.0.0.1', () => socket.write(said));
      socket.on('error', () => undefined);
      socket.unref();
    }
    expect((await stateOf(plant)).locked).toBe(false);
    expect((await local(plant, 'GET', '/state')).status).toBe(200);
  }, 30_000);
});
