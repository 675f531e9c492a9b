import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAgreement, recipientOf } from '../test/agreements.js';
import { newUserKey, RegionServer, seconds, until } from '../test/region-server.js';
import type { BusPlan } from './bus-plan.js';
import { cutUser } from './cut-user.js';

let bus: RegionServer;
let plan: BusPlan;
beforeAll(async () => {
  bus = await RegionServer.start();
  plan = bus.compile({ region: 'eu', agreements: [anAgreement('one')] });
  await bus.reconcile(plan);
}, 120_000);
afterAll(() => bus[Symbol.asyncDispose]());

const cut = (userKey: string) => {
  const account = plan.accounts.find(({ name }) => name === recipientOf(plan, 'one').account);
  if (account === undefined) throw new Error('no account');
  return cutUser({ servers: bus.servers, keys: bus.keys, account, userKey, revocations: {}, now: seconds() });
};

describe('a cut', () => {
  it('closes the connection within 100 ms and no other one of the account', async () => {
    const stays = await bus.user(recipientOf(plan, 'one'));
    const took: number[] = [];
    for (let round = 0; round < 5; round++) {
      const leaves = await bus.user(recipientOf(plan, 'one'));
      const started = performance.now();
      const closed = leaves.closed().then(() => performance.now() - started);
      expect(await cut(leaves.userKey)).toEqual({ kicked: 1, gone: true });
      took.push(await closed);
    }
    expect(Math.max(...took)).toBeLessThan(100);
    expect(stays.isClosed()).toBe(false);
    await stays.flush();
  });

  it('holds against a client that reconnects as fast as it can, and against its next try', async () => {
    const key = newUserKey();
    const jwt = bus.issue(recipientOf(plan, 'one'), key);
    const stubborn = {
      reconnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 1,
      reconnectJitter: 0,
      ignoreAuthErrorAbort: true,
    };
    const connection = await bus.open(() => jwt, key, stubborn);
    expect(await cut(key.publicKey)).toMatchObject({ gone: true });
    await expect(bus.open(() => jwt, key)).rejects.toThrow(/Authorization/i);
    await connection.close();
  });

  it('is still in force after the next pass of the reconciler, which was told nothing of it', async () => {
    const key = newUserKey();
    const jwt = bus.issue(recipientOf(plan, 'one'), key);
    await cut(key.publicKey);
    await bus.reconcile(plan);
    await expect(bus.open(() => jwt, key)).rejects.toThrow(/Authorization/i);
  });
});

describe('a user JWT', () => {
  it('ends a live connection at its own end, without anybody doing anything', async () => {
    const key = newUserKey();
    const end = seconds() + 2;
    const jwt = bus.issue(recipientOf(plan, 'one'), key, end);
    const connection = await bus.open(() => jwt, key);
    await until(() => connection.isClosed() || undefined, 5_000);
    await until(() => seconds() > end || undefined);
    await expect(bus.open(() => jwt, key)).rejects.toThrow(/Authorization|expired/i);
  });
});
