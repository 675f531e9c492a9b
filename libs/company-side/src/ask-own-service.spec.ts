import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askOwnService } from './ask-own-service.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A service of the company that answers so; what it was shown as token. */
async function answering(answer: (response: ServerResponse, path: string) => void) {
  const shown: (string | undefined)[] = [];
  server = createServer((request, response) => {
    shown.push(request.headers.authorization);
    answer(response, request.url ?? '');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/asked`;
  return { shown, ask: () => askOwnService({ at, token: 'known' }, { a: 1 }, { within: 300, longest: 1_000 }) };
}

describe('a service of the own company', () => {
  it('is shown the token, and answers in JSON', async () => {
    const { shown, ask } = await answering((response) => response.end('{"b":2}'));
    expect(await ask()).toEqual({ b: 2 });
    expect(shown).toEqual(['Bearer known']);
  });

  it('sends nobody on to another address with the token', async () => {
    const { shown, ask } = await answering((response, path) => {
      if (path === '/asked') response.writeHead(307, { location: '/elsewhere' });
      response.end('{}');
    });
    await expect(ask()).rejects.toThrow();
    expect(shown).toHaveLength(1);
  });

  it.each([201, 204, 400, 503])('has said nothing by the status %d', async (status) => {
    const { ask } = await answering((response) => response.writeHead(status).end(status === 204 ? undefined : '{}'));
    await expect(ask()).rejects.toThrow(String(status));
  });

  it('is listened to no further than was bounded, and no longer', async () => {
    let ended: Promise<unknown> | undefined;
    const { ask } = await answering((response) => {
      ended = once(response, 'close');
      const more = (): void => {
        while (response.write('x'.repeat(500)));
        response.once('drain', more);
      };
      more();
    });
    await expect(ask()).rejects.toThrow('more than 1000 bytes');
    await ended;
    server?.close();
    const silent = await answering(() => undefined);
    await expect(silent.ask()).rejects.toThrow(/abort|timeout/i);
  });
});
