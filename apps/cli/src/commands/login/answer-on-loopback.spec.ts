import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type BegunLogin, beginLogin } from './answer-on-loopback.js';

let begun: BegunLogin | undefined;
afterEach(() => begun?.close());

async function begin(patience?: number) {
  begun = await beginLogin(
    new URL('https://agent.example/login'),
    { grant: 'grt_1', state: 'chosen by somebody' },
    patience,
  );
  const address = new URL(begun.address);
  const answer = new URL(address.searchParams.get('redirect_uri') ?? '');
  const state = address.searchParams.get('state') ?? '';
  const bring = (query: Record<string, string>, path = answer.pathname) =>
    fetch(`${answer.origin}${path}?${new URLSearchParams(query)}`);
  return { login: begun, address, answer, state, bring };
}

describe('a login that a program began', () => {
  it('asks for its answer on this computer alone, and proves with S256 who began it', async () => {
    const { login, address, answer, state } = await begin();
    expect(address.origin + address.pathname).toBe('https://agent.example/login');
    expect(answer.hostname).toBe('127.0.0.1');
    expect(address.searchParams.get('grant')).toBe('grt_1');
    expect(state).not.toBe('chosen by somebody');
    const challenge = createHash('sha256').update(login.verifier).digest('base64url');
    expect(address.searchParams.get('code_challenge')).toBe(challenge);
  });

  it('takes a code only with its own state: another page of the browser may call this port too', async () => {
    const { login, state, bring } = await begin();
    expect((await bring({ code: 'theirs', state: 'A'.repeat(state.length) })).status).toBe(400);
    expect((await bring({ code: 'theirs' })).status).toBe(400);
    expect((await bring({ code: 'theirs', state }, '/elsewhere')).status).toBe(400);
    expect((await bring({ state })).status).toBe(400);
    const brought = await bring({ code: 'ours', state });
    expect(brought.status).toBe(200);
    expect(await login.code).toBe('ours');
  });

  it('does not wait for ever', async () => {
    const { login } = await begin(20);
    await expect(login.code).rejects.toThrow('in time');
  });
});
