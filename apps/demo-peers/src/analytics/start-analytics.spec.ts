import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningRole } from '../running-role.js';
import { startAnalytics } from './start-analytics.js';

let role: RunningRole;
beforeAll(async () => {
  role = await startAnalytics([], {}, () => {});
});
afterAll(() => role.close());

const reading = (over: object = {}) => ({ at: '2026-01-01T00:00:00Z', force: 1, temperature: 20, ...over });
const readings = (count: number) => Array.from({ length: count }, () => reading());
const ask = (body: unknown) =>
  fetch(`${role.ready.url}/v1/advice`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('the advice service', () => {
  it('answers values with strokes and a sentence, and says that it is well', async () => {
    const warming = Array.from({ length: 30 }, (_, i) => reading({ temperature: 50 + i / 10 }));
    const answer = await ask({ machine: 'press-7', readings: warming });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ remainingStrokes: expect.any(Number), advice: expect.any(String) });
    expect(await (await fetch(`${role.ready.url}/health`)).json()).toEqual({ ok: true });
  });

  it.each([
    ['text that is not JSON', '{', 400, 'JSON'],
    ['too few strokes', { machine: 'p', readings: readings(7) }, 400, 'readings'],
    [
      'a value that is a text',
      { machine: 'p', readings: [...readings(8), reading({ force: '1' })] },
      400,
      'readings.8.force',
    ],
    ['a number that JSON cannot hold', `{"machine":"p","readings":[{"at":"x","force":1e999}]}`, 400, 'force'],
    ['a key nobody knows', { machine: 'p', readings: readings(8), operator: 'x' }, 400, 'operator'],
    ['a poisoned prototype', '{"__proto__":{"a":1},"machine":"p"}', 400, ''],
    ['more than it can use', { machine: 'p', readings: readings(2_001) }, 400, 'readings'],
    ['a body without end', `{"machine":"${'x'.repeat(600_000)}"}`, 413, ''],
  ])('refuses %s and says why', async (_what, body, status, named) => {
    const answer = await ask(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.text()).toContain(named);
  });

  it('refuses other types, methods and paths', async () => {
    const url = `${role.ready.url}/v1/advice`;
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(415);
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(`${role.ready.url}/`)).status).toBe(404);
  });

  it('closes a connection that does not speak HTTP and goes on', async () => {
    const socket = connect(Number(role.ready.port), '127.0.0.1').resume();
    socket.write('\u0000\u0001SSH-2.0-nonsense\r\n\r\n');
    await once(socket, 'close');
    expect((await fetch(`${role.ready.url}/health`)).status).toBe(200);
  });
});
