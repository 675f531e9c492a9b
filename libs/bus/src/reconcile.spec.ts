import { deriveNkey } from '@interlock/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { aFlow, anAgreement, publisherOf, recipientOf } from '../test/agreements.js';
import { drain, Probe } from '../test/pull.js';
import { RegionServer, seconds, until } from '../test/region-server.js';
import { regionAccountClaims, retiredClaims } from './account-claims.js';
import { listAccounts, lookUpAccount, pushAccount } from './ask-servers.js';
import { signAccountJwt } from './jwt.js';

let bus: RegionServer;
beforeEach(async () => {
  bus = await RegionServer.start();
}, 120_000);
afterEach(() => bus[Symbol.asyncDispose]());

const one = anAgreement('one');
const two = anAgreement('two');
const input = (...agreements: ReturnType<typeof anAgreement>[]) => ({ region: 'eu', agreements });

describe('a bus that was made equal to its plan', () => {
  it('carries a flow from its publisher to its recipient, and a second pass changes nothing', async () => {
    const plan = bus.compile(input(one, two));
    const first = await bus.reconcile(plan);
    expect([...first.accounts.failed, ...first.streams.failed]).toEqual([]);
    const second = await bus.reconcile(plan);
    expect(second.accounts).toEqual({ kept: expect.anything(), pushed: [], retired: [], failed: [] });
    expect(second.accounts.kept).toHaveLength(4);
    expect(second.streams).toMatchObject({ created: [], updated: [], removed: [], retained: [], failed: [] });

    const publisher = await bus.user(publisherOf(plan, 'one'));
    const subject = publisherOf(plan, 'one').flows[0]?.subject ?? '';
    for (const body of ['a', 'b', 'c']) await publisher.request(subject, body, { timeout: 2_000 });
    const recipient = await bus.user(recipientOf(plan, 'one'));
    expect(await drain(recipient, recipientOf(plan, 'one'), 3)).toEqual(['a', 'b', 'c']);
    expect(await drain(recipient, recipientOf(plan, 'one'), 3)).toEqual([]);
  });

  it('keeps what was accepted, and its own rights, over a killed server', async () => {
    const plan = bus.compile(input(one));
    await bus.reconcile(plan);
    const subject = publisherOf(plan, 'one').flows[0]?.subject ?? '';
    await (await bus.user(publisherOf(plan, 'one'))).request(subject, 'before', { timeout: 2_000 });
    await bus.kill();
    await bus.run();
    const recipient = await bus.user(recipientOf(plan, 'one'));
    expect(await drain(recipient, recipientOf(plan, 'one'), 1)).toEqual(['before']);
    expect((await bus.reconcile(plan)).accounts.pushed).toEqual([]);
  });

  it('refuses what does not fit the agreed bytes instead of dropping what it accepted', async () => {
    const plan = bus.compile(input(anAgreement('one', { flows: [aFlow('small', { maxBytes: 1_000 })] })));
    await bus.reconcile(plan);
    const publisher = await bus.user(publisherOf(plan, 'one'));
    const subject = publisherOf(plan, 'one').flows[0]?.subject ?? '';
    const answers: string[] = [];
    for (let sent = 0; sent < 3; sent++) {
      answers.push((await publisher.request(subject, 'x'.repeat(400), { timeout: 2_000 })).string());
    }
    expect(answers.map((text) => JSON.parse(text).error?.description)).toEqual([
      undefined,
      expect.stringContaining('maximum bytes'),
      expect.stringContaining('maximum bytes'),
    ]);
  });
});

describe('an agreement that is no longer in the plan', () => {
  it('loses its connections and every right at once; what it stored stays until it may be erased', async () => {
    const plan = bus.compile(input(one, two));
    await bus.reconcile(plan);
    const publisher = await bus.user(publisherOf(plan, 'one'));
    await publisher.request(publisherOf(plan, 'one').flows[0]?.subject ?? '', 'owed', { timeout: 2_000 });
    const other = await bus.user(publisherOf(plan, 'two'));
    const without = bus.compile(input(two));
    const report = await bus.reconcile(without);
    expect(report.accounts.retired).toHaveLength(2);
    await until(() => publisher.isClosed() || undefined);
    expect(other.isClosed()).toBe(false);
    await expect(bus.user(publisherOf(plan, 'one'))).rejects.toThrow(/Authorization/i);

    const gone = plan.streams.find((stream) => !without.streams.includes(stream) && !same(without, stream.name));
    expect(report.streams.retained).toEqual([gone?.name]);
    const erased = await bus.reconcile(without, {}, [gone?.name ?? '']);
    expect(erased.streams.removed).toEqual([gone?.name]);
    expect(erased.accounts.retired).toEqual([]);
  });

  it('gives a JWT from before its suspension no right when it is resumed', async () => {
    const plan = bus.compile(input(one));
    await bus.reconcile(plan);
    const template = recipientOf(plan, 'one');
    const old = await bus.user(template);
    const oldJwt = bus.issue(template, deriveNkey(Buffer.alloc(32, 7), 'user', 'old'));
    await bus.reconcile(bus.compile(input()));
    await until(() => old.isClosed() || undefined);
    await bus.reconcile(plan);
    await expect(bus.open(() => oldJwt, deriveNkey(Buffer.alloc(32, 7), 'user', 'old'))).rejects.toThrow(/Auth/i);
    const second = seconds();
    await until(() => seconds() > second || undefined);
    await expect(bus.user(template)).resolves.toBeDefined();
  });
});

const same = (plan: { readonly streams: readonly { readonly name: string }[] }, name: string): boolean =>
  plan.streams.some((stream) => stream.name === name);

describe('a bus that somebody changed behind the broker', () => {
  it('gets its accounts back: an older one, a wider one and one that signed itself', async () => {
    const plan = bus.compile(input(one));
    await bus.reconcile(plan);
    const [account] = plan.accounts;
    const key = account?.publicKey ?? '';
    const [before = ''] = await lookUpAccount(bus.servers, key);
    const revoked = { [account?.name ?? '']: { '*': seconds() } };
    await bus.reconcile(plan, revoked);
    const wide = signAccountJwt({ ...regionAccountClaims(bus.keys, seconds()), sub: key }, bus.keys.operatorSigner);
    const stranger = deriveNkey(Buffer.alloc(32), 'operator', 'stranger');
    for (const jwt of [before, wide, signAccountJwt(retiredClaims(key, {}, seconds()), stranger)]) {
      await pushAccount(bus.servers, jwt);
      const report = await bus.reconcile(plan, revoked);
      expect(report.accounts).toMatchObject({ pushed: [key], failed: [] });
      const [now = ''] = await lookUpAccount(bus.servers, key);
      const { nats } = JSON.parse(Buffer.from(now.split('.')[1] ?? '', 'base64url').toString());
      expect(nats).toMatchObject({ exports: [], revocations: revoked[account?.name ?? ''] });
    }
    expect((await bus.reconcile(plan, revoked)).accounts.pushed).toEqual([]);
  });

  it('gets its streams and durables back, with the agreed filter, and loses a durable nobody agreed on', async () => {
    const tapped = aFlow('tapped', { recipients: ['vendor.example', 'plant.example'] });
    const plan = bus.compile(input(anAgreement('one', { flows: [tapped] })));
    await bus.reconcile(plan);
    const [stream] = plan.streams;
    const name = stream?.name ?? '';
    const manager = await jetstreamManager(bus.maker, { checkAPI: false });
    const [first, second] = stream?.durables ?? [];
    await manager.consumers.delete(name, first?.name ?? '');
    await manager.consumers.update(name, second?.name ?? '', {
      filter_subjects: [publisherOf(plan, 'one').flows[0]?.storedSubject ?? ''],
    });
    await manager.consumers.add(name, { durable_name: 'stranger', filter_subjects: [stream?.subject ?? ''] });
    await manager.streams.update(name, { max_bytes: 77 });
    const report = await bus.reconcile(plan);
    expect(report.streams.updated).toContain(name);
    expect(report.streams.removed).toEqual([`${name}/stranger`]);
    expect(report.streams.failed).toEqual([]);
    for (const durable of stream?.durables ?? []) {
      const { config } = await manager.consumers.info(name, durable.name);
      expect(config.filter_subjects).toEqual([durable.filterSubject]);
    }
    expect((await bus.reconcile(plan)).streams).toMatchObject({ created: [], updated: [], removed: [] });
  });
});

describe("the broker's own users", () => {
  it('cannot delete accounts, read flows or publish into them', async () => {
    const plan = bus.compile(input(one));
    await bus.reconcile(plan);
    const system = Probe.on(bus.servers.system);
    expect(await system.request('$SYS.REQ.CLAIMS.DELETE')).toBe('denied');
    expect(await system.request('$SYS.REQ.SERVER.PING.CONNZ')).toBe('denied');
    const maker = Probe.on(bus.maker);
    const [stream] = plan.streams;
    for (const subject of [
      publisherOf(plan, 'one').flows[0]?.storedSubject ?? '',
      `$JS.API.STREAM.MSG.GET.${stream?.name}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream?.name}.${stream?.durables[0]?.name}`,
    ]) {
      expect(await maker.request(subject)).toBe('denied');
    }
    expect((await listAccounts(bus.servers)).size).toBe(4);
  });
});
