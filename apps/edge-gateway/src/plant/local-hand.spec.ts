import { readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { refuse } from '@interlock/domain';
import { aRight, type Right } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  aFolder,
  aKeeper,
  beatOf,
  type Kept,
  provisionedFor,
  revocationOf,
  standingOf,
  until,
} from '../../test/two-sides.js';
import { localHand } from './local-hand.js';
import { closeAndHold, type Lockout, lockout } from './lockout.js';

let right: Right;
let folder: ReturnType<typeof aFolder>;
let kept: Kept;
let switched: Lockout;
let hand: Awaited<ReturnType<typeof localHand>>;
let closed: string[];
let noted: boolean[];
let pressed: boolean;

beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(async () => {
  folder = aFolder();
  kept = aKeeper(provisionedFor(right), folder.path);
  await kept.keeper.takeStanding(standingOf(right));
  switched = lockout(folder.path);
  [closed, noted, pressed] = [[], [], false];
  hand = await localHand({
    folder: folder.path,
    port: 0,
    keeper: kept.keeper,
    lockout: switched,
    lockAll: (reason) => {
      noted.push(true);
      return closeAndHold(switched, () => closed.push('lockout'), reason);
    },
    inputTripped: () => pressed,
    state: () => ({ locked: switched.isSet() }),
    onLift: () => noted.push(false),
    activate: async () => refuse('not_activated'),
    desk: { list: () => [], take: async () => refuse('release_unfit') },
  });
});
afterEach(async () => {
  hand.server.closeAllConnections();
  await new Promise((resolve) => hand.server.close(resolve));
  folder[Symbol.dispose]();
});

const token = () => readFileSync(join(folder.path, 'local-token'), 'utf8');

async function ask(method: string, path: string, body?: unknown, bearer?: string) {
  const response = await fetch(`http://127.0.0.1:${hand.port}${path}`, {
    method,
    ...(bearer !== undefined && { headers: { authorization: `Bearer ${bearer}` } }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("the plant's hand", () => {
  it('is found by its port beside its token, and only who may read the folder can read them', async () => {
    expect(readFileSync(join(folder.path, 'local-port'), 'utf8')).toBe(String(hand.port));
    expect(statSync(join(folder.path, 'local-token')).mode & 0o077).toBe(0);
    expect(await ask('GET', '/state')).toEqual({ status: 200, body: { locked: false } });
  });

  it('shows what is held back to whoever holds the token, and takes a signed release from whoever brings it', async () => {
    expect(await ask('GET', '/findings')).toMatchObject({ status: 401 });
    expect(await ask('GET', '/findings', undefined, token())).toEqual({ status: 200, body: { findings: [] } });
    expect(await ask('POST', '/releases', { release: 'none' })).toMatchObject({ status: 400 });
  });

  it('takes a signed cut without any token, closes first and keeps it; a replay changes nothing', async () => {
    const act = await revocationOf(right);
    expect(await ask('POST', '/acts', { act })).toEqual({ status: 200, body: { accepted: true } });
    expect(kept.keeper.agreements.get(right.agreement.id)?.acts.size).toBe(1);
    const changes = kept.changes.length;
    expect((await ask('POST', '/acts', { act })).status).toBe(200);
    expect(kept.newActs).toHaveLength(1);
    expect(kept.changes).toHaveLength(changes);
  });

  it('takes a beat that answers the nonce it shows', async () => {
    const nonce = kept.keeper.nonceFor(right.agreement.id) ?? '';
    const { beat, statusList } = await beatOf(right, right.who.buyer, right.who.buyerAgent, nonce);
    expect((await ask('POST', '/beats', { beat, statusList })).status).toBe(200);
    expect(
      kept.keeper.agreements.get(right.agreement.id)?.leases.get(right.who.buyer.organisation)?.anchor,
    ).not.toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['an act of no kind', { act: {} }],
    ['an unknown field', { act: null, force: true }],
  ])('refuses %s and stays up', async (_what, body) => {
    const answered = await ask('POST', '/acts', body);
    expect(answered).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect((await ask('GET', '/state')).status).toBe(200);
  });

  it('refuses an act that one byte was changed in', async () => {
    const act = await revocationOf(right);
    const other = { ...act, document: { ...act.document, reason: 'another reason' } };
    const answered = await ask('POST', '/acts', { act: other });
    expect(answered.status).toBeGreaterThanOrEqual(400);
    expect(kept.keeper.agreements.get(right.agreement.id)?.acts.size).toBe(0);
  });

  it('refuses a body that is too large without holding it', async () => {
    const answered = await ask('POST', '/acts', 'x'.repeat(2 * 1024 * 1024));
    expect(answered).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect((await ask('GET', '/state')).status).toBe(200);
  });

  it('answers bytes that are no request and goes on', async () => {
    const socket = connect(hand.port, '127.0.0.1');
    const said: Buffer[] = [];
    socket.on('data', (chunk) => said.push(chunk)).on('error', () => undefined);
    socket.write(Buffer.from([0, 255, 1, 254, 10, 10, 13, 10]));
    await until('the garbage was answered', () => socket.destroyed || socket.readableEnded);
    expect(Buffer.concat(said).toString()).toMatch(/^HTTP\/1\.1 400/);
    expect((await ask('GET', '/state')).status).toBe(200);
  });

  it('is heard, however many connections come that ask for nothing', async () => {
    // The silent ones first: what says anything without the token is answered, and makes room.
    const held = Array.from({ length: 160 }, (_, at) => {
      const socket = connect(hand.port, '127.0.0.1').on('error', () => undefined);
      if (at >= 120) socket.write('PUT /lockout HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{');
      return socket;
    });
    expect((await ask('PUT', '/lockout', { reason: 'now' }, token())).status).toBe(200);
    for (const socket of held) socket.destroy();
  });

  it('knows no other door', async () => {
    expect((await ask('GET', '/')).status).toBe(404);
    expect((await ask('GET', '/acts')).status).toBe(404);
    expect((await ask('PUT', '/lockout/', { reason: 'x' }, token())).status).toBe(404);
  });
});

describe('the lock-out', () => {
  it('closes everything in one step, is remembered by the next start, and is lifted only here', async () => {
    const set = await ask('PUT', '/lockout', { reason: 'somebody is inside the press' }, token());
    expect(set).toEqual({ status: 200, body: { locked: true, closed: 1 } });
    expect(closed).toEqual(['lockout']);
    expect(lockout(folder.path).isSet()).toBe(true);
    expect((await ask('DELETE', '/lockout', undefined, token())).body).toEqual({ locked: false });
    expect(lockout(folder.path).isSet()).toBe(false);
    expect(noted).toEqual([true, false]);
  });

  it.each([
    ['no token', undefined],
    ['an empty token', ''],
    ['a wrong token', 'x'.repeat(43)],
  ])('is not touched with %s', async (_what, bearer) => {
    expect((await ask('PUT', '/lockout', { reason: 'x' }, bearer)).status).toBe(401);
    switched.set('set before');
    expect((await ask('DELETE', '/lockout', undefined, bearer)).status).toBe(401);
    expect(switched.isSet()).toBe(true);
  });

  it('is not lifted while the input of the plant still says stop', async () => {
    await ask('PUT', '/lockout', { reason: 'by the button' }, token());
    pressed = true;
    expect(await ask('DELETE', '/lockout', undefined, token())).toMatchObject({
      status: 409,
      body: { code: 'lockout' },
    });
    expect(switched.isSet()).toBe(true);
    pressed = false;
    expect((await ask('DELETE', '/lockout', undefined, token())).status).toBe(200);
  });

  it('asks for a reason', async () => {
    expect(await ask('PUT', '/lockout', {}, token())).toMatchObject({ status: 400 });
    expect(switched.isSet()).toBe(false);
  });

  it('holds and says so when the disk does not take it', async () => {
    rmSync(join(folder.path, 'lockout'));
    const set = await ask('PUT', '/lockout', { reason: 'the disk is gone' }, token());
    expect(set).toMatchObject({ status: 507, body: { locked: true } });
    expect(closed).toEqual(['lockout']);
    expect(switched.isSet()).toBe(true);
  });

  it('does not wait for a body that never ends', async () => {
    const slow = request({
      port: hand.port,
      method: 'PUT',
      path: '/lockout',
      headers: { authorization: `Bearer ${token()}` },
    });
    slow.on('error', () => undefined);
    slow.write('{"reason":');
    expect((await ask('PUT', '/lockout', { reason: 'now' }, token())).status).toBe(200);
    slow.destroy();
  });
});
