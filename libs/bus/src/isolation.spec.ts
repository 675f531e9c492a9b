import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { aFlow, anAgreement, publisherOf, recipientOf } from '../test/agreements.js';
import { drain, Probe, pull } from '../test/pull.js';
import { newUserKey, RegionServer, seconds } from '../test/region-server.js';
import { accountClaims } from './account-claims.js';
import { pushAccount } from './ask-servers.js';
import type { BusPlan, PublisherTemplate } from './bus-plan.js';
import { signAccountJwt, signUserJwt } from './jwt.js';
import { inboxPrefix } from './subjects.js';

let bus: RegionServer;
let plan: BusPlan;

beforeAll(async () => {
  bus = await RegionServer.start();
  const orders = aFlow('orders', {
    publisher: { organisation: 'vendor.example', gateway: 'gate-9' },
    recipients: ['plant.example', 'vendor.example'],
  });
  const second = aFlow('second', { publisher: { organisation: 'plant.example', gateway: 'gate-2' } });
  const agreements = [anAgreement('one', { flows: [aFlow('loads'), second, orders] }), anAgreement('two')];
  plan = bus.compile({ region: 'eu', agreements });
  await bus.reconcile(plan);
}, 120_000);
afterAll(() => bus[Symbol.asyncDispose]());

const vendor = () => recipientOf(plan, 'one');
const gates = (): [PublisherTemplate, PublisherTemplate] => {
  const own = plan.templates.filter((each) => each.agreementId === 'agr_one' && each.organisation === 'plant.example');
  const [first, second] = own.filter((each): each is PublisherTemplate => each.role === 'publisher');
  if (first === undefined || second === undefined) throw new Error('two gateways were planned');
  return [first, second];
};
const subjectOf = (template: PublisherTemplate): string => template.flows[0]?.subject ?? '';

const stored = async (stream: string): Promise<number> => {
  const manager = await jetstreamManager(bus.maker, { checkAPI: false });
  return (await manager.streams.info(stream)).state.messages;
};

/** Every JetStream request the server knows, against the streams and durables of all agreements. */
function apiSubjects(): string[] {
  const names = ['INFO', 'STREAM.NAMES', 'STREAM.LIST', 'STREAM.CREATE.NEW', 'ACCOUNT.PURGE.X', 'META.LEADER.STEPDOWN'];
  for (const { name, durables } of plan.streams) {
    for (const verb of [
      'INFO',
      'CREATE',
      'UPDATE',
      'DELETE',
      'PURGE',
      'MSG.GET',
      'MSG.DELETE',
      'SNAPSHOT',
      'RESTORE',
    ]) {
      names.push(`STREAM.${verb}.${name}`);
    }
    names.push(`DIRECT.GET.${name}`, `CONSUMER.CREATE.${name}`, `CONSUMER.NAMES.${name}`, `CONSUMER.LIST.${name}`);
    for (const durable of ['mine', ...durables.map((each) => each.name)]) {
      for (const verb of ['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'PAUSE', 'RESET', 'UNPIN', 'MSG.NEXT']) {
        names.push(`CONSUMER.${verb}.${name}.${durable}`);
      }
    }
  }
  const own = new Set(vendor().pulls.map(({ next }) => next));
  const foreign = names.flatMap((name) => [`$JS.API.${name}`, `$JS.eu.API.${name}`]);
  return foreign.filter((subject) => !own.has(subject.replace('$JS.eu.', '$JS.')));
}

const foreignSubjects = (): string[] => [
  ...plan.streams.map(({ subject }) => subject.replace('*', 'x')),
  ...plan.templates.flatMap((each) => (each.role === 'publisher' ? each.flows.map((flow) => flow.storedSubject) : [])),
  ...['$SYS.REQ.SERVER.PING', '$SYS.REQ.CLAIMS.LIST', '_INBOX.anybody', '$JS.ACK.x.y.1.1.1.1.1', 'flow.x.y'],
  ...publisherOf(plan, 'two').flows.map(({ subject }) => subject),
  ...recipientOf(plan, 'two').pulls.flatMap(({ next, ack }) => [next, ack.replace('>', '1.1.1.1.0')]),
];

describe('a user of one agreement', () => {
  it.each([
    ['a recipient', () => bus.user(vendor())],
    ['a publisher', () => bus.user(gates()[0])],
  ])('%s can ask nothing of JetStream but its own durable, and nothing of another agreement', async (_who, user) => {
    const probe = Probe.on(await user());
    const subjects = [...apiSubjects(), ...foreignSubjects()];
    expect(subjects.length).toBeGreaterThan(200);
    for (const subject of subjects) expect([subject, await probe.request(subject)]).toEqual([subject, 'denied']);
    const wide = ['>', '*.>', 'flow.>', '$JS.>', '_INBOX.>', '_R_.>', '$SYS.>'];
    for (const subject of [...wide, ...plan.streams.map((each) => each.subject)]) {
      expect([subject, await probe.subscribe(subject)]).toEqual([subject, 'denied']);
    }
  });

  it('publishes for its own gateway alone', async () => {
    const [first, second] = gates();
    const probe = Probe.on(await bus.user(first));
    expect(await probe.request(subjectOf(first))).toBe('answered');
    expect(await probe.request(subjectOf(second))).toBe('denied');
  });

  it('cannot have a copy of its message sent to another agreement', async () => {
    const template = publisherOf(plan, 'two');
    const publisher = await bus.user(template);
    const spy = await bus.user(vendor());
    const stolen: string[] = [];
    const inbox = inboxPrefix(spy.userKey);
    spy.subscribe(`${inbox}.>`, { callback: (_error, message) => void stolen.push(message.subject) });
    const more = headers();
    more.set('Nats-Trace-Dest', `${inbox}.trace`);
    publisher.publish(subjectOf(template), 'x', { headers: more });
    await publisher.request(subjectOf(template), 'y', { timeout: 2_000 });
    await spy.flush();
    expect(stolen).toEqual([]);
  });

  it.each(['Nats-Rollup', 'Nats-TTL', 'Nats-Schedule', 'Nats-Batch-Id'])(
    'cannot remove or time what is stored by a %s header',
    async (name) => {
      const [template] = gates();
      const publisher = await bus.user(template);
      const stream = vendor().pulls.find(({ flows }) => flows[0]?.flowId === template.flows[0]?.flowId)?.stream ?? '';
      await publisher.request(subjectOf(template), 'stays', { timeout: 2_000 });
      const before = await stored(stream);
      const more = headers();
      more.set(name, name === 'Nats-TTL' ? '1s' : 'all');
      const answer = await publisher.request(subjectOf(template), 'x', { headers: more, timeout: 2_000 });
      expect(JSON.parse(answer.string()).error).toBeDefined();
      expect(await stored(stream)).toBe(before);
    },
  );
});

describe('a user that names a flow as the place for answers', () => {
  it('writes nothing into the flows of its own organisation', async () => {
    const from = publisherOf(plan, 'one', 'vendor.example');
    const publisher = await bus.user(from);
    await publisher.request(subjectOf(from), 'mine', { timeout: 2_000 });
    const own = vendor().pulls.find(({ flows }) => flows.some(({ flowId }) => flowId === 'orders'));
    const before = await stored(own?.stream ?? '');
    const recipient = await bus.user(vendor());
    recipient.publish(own?.next ?? '', JSON.stringify({ batch: 1, no_wait: true }), { reply: subjectOf(from) });
    // Requests are worked through in order: when this one is answered, the one before it was.
    expect(await pull(recipient, own?.next ?? '', 1)).toHaveLength(1);
    expect(await stored(own?.stream ?? '')).toBe(before);
  });

  it("writes nothing into the flow of the organisation's other gateway", async () => {
    const [first, second] = gates();
    const target = vendor().pulls.find(({ flows }) => flows[0]?.flowId === second.flows[0]?.flowId)?.stream ?? '';
    const before = await stored(target);
    const publisher = await bus.user(first);
    publisher.publish(subjectOf(first), 'x', { reply: subjectOf(second) });
    await publisher.request(subjectOf(first), 'y', { timeout: 2_000 });
    expect(await stored(target)).toBe(before);
  });
});

/** A user as whoever stole the signing key of an account could make one. */
async function rogue(account: string): Promise<NatsConnection> {
  const key = newUserKey();
  const keys = bus.keys.accountKeys(account);
  const all = { allow: ['>'] as const };
  const nats = {
    ...{ issuer_account: keys.publicKey, pub: all, sub: all, subs: 64, data: -1, payload: -1 },
    allowed_connection_types: ['STANDARD'] as const,
  };
  const jwt = signUserJwt(
    { name: 'rogue', sub: key.publicKey, iat: seconds(), exp: seconds() + 60, nats },
    keys.signer,
  );
  return bus.open(() => jwt, key);
}

describe('behind the permissions of its users, an account', () => {
  it('answers nothing of another agreement even to a thief of its signing key', async () => {
    const connection = await rogue(vendor().account);
    const heard: string[] = [];
    connection.subscribe('flow.>', { callback: (_error, message) => void heard.push(message.subject) });
    await connection.flush();
    const two = await bus.user(publisherOf(plan, 'two'));
    await two.request(subjectOf(publisherOf(plan, 'two')), 'secret', { timeout: 2_000 });
    await connection.flush();
    expect(heard).toEqual([]);
    const probe = Probe.on(connection);
    for (const subject of [...apiSubjects(), ...foreignSubjects()]) {
      expect([subject, await probe.request(subject, '', 100)]).not.toEqual([subject, 'answered']);
    }
  }, 60_000);

  it('gets nothing by importing a durable and a flow of another agreement', async () => {
    const named = (name: string) => {
      const account = plan.accounts.find((each) => each.name === name);
      if (account === undefined) throw new Error('no such account in the plan');
      return account;
    };
    const imports = [
      ...named(recipientOf(plan, 'two').account).imports,
      ...named(publisherOf(plan, 'two').account).imports,
    ];
    const mistaken = accountClaims({ ...named(vendor().account), imports }, bus.keys, {}, seconds());
    await pushAccount(bus.servers, signAccountJwt(mistaken, bus.keys.operatorSigner));
    const probe = Probe.on(await rogue(vendor().account));
    const { stream } = recipientOf(plan, 'two').pulls[0] ?? { stream: '' };
    const before = await stored(stream);
    for (const { localSubject } of imports) {
      expect(await probe.request(localSubject.replace('>', '1.1.1.1.0'), '{"batch":1}')).not.toBe('answered');
    }
    expect(await stored(stream)).toBe(before);
    await bus.reconcile(plan);
    const recipient = await bus.user(recipientOf(plan, 'two'));
    expect(await drain(recipient, recipientOf(plan, 'two'), 1)).toHaveLength(1);
  });
});
