import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeAccount, logIn, readAccounts } from './accounts.js';
import { readClients } from './clients.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accounts-'));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (content: unknown) => {
  const file = join(folder, 'file.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const person = (over: object = {}) => ({
  sub: 'tech-1',
  name: 'First technician',
  email: 'tech-1@vendor.example',
  groups: ['service'],
  password: 'made-for-this-test',
  ...over,
});

describe('an account', () => {
  it('is found by name or address in any case, with its own password only', async () => {
    const now = await readAccounts(
      await written([
        person(),
        person({ sub: 'tech-2', email: 'tech-2@vendor.example', password: 'another-password' }),
      ]),
    );
    expect(logIn(now, ' TECH-1 ', 'made-for-this-test')?.sub).toBe('tech-1');
    expect(logIn(now, 'Tech-1@Vendor.example', 'made-for-this-test')?.sub).toBe('tech-1');
    for (const [login, password] of [
      ['tech-1', 'another-password'],
      ['tech-1', ''],
      ['nobody', 'made-for-this-test'],
      ['', ''],
    ] as const) {
      expect(logIn(now, login, password)).toBeUndefined();
    }
  });

  it('that is disabled neither logs in nor is known', async () => {
    const now = await readAccounts(await written([person({ disabled: true })]));
    expect(logIn(now, 'tech-1', 'made-for-this-test')).toBeUndefined();
    expect(activeAccount(now, 'tech-1')).toBeUndefined();
  });

  it.each([
    ['half written', '[{"sub":"tech-1"'],
    ['not a list', {}],
    ['one person twice', [person(), person()]],
    ['one address for two, in another case', [person(), person({ sub: 'x', email: 'TECH-1@vendor.example' })]],
    ["another's address as a name", [person(), person({ sub: 'tech-1.', email: 'y@vendor.example', isAdmin: true })]],
    ['a short password', [person({ password: 'short' })]],
  ])('does not exist while the file is %s, and the fault names no password', async (_what, content) => {
    const now = await readAccounts(await written(content));
    expect(now.accounts).toEqual([]);
    expect(now.fault).toMatch(/./);
    expect(now.fault).not.toContain('made-for-this-test');
  });
});

describe('a client', () => {
  const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
  const client = (over: object = {}) => ({
    client_id: 'agent',
    redirect_uris: ['http://127.0.0.1:1/cb'],
    token_endpoint_auth_method: 'none',
    ...over,
  });

  it.each([
    [
      'a private key where the public one belongs',
      [client({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...jwk, d: 'd' }] } })],
      /private key/,
    ],
    ['no key for private_key_jwt', [client({ token_endpoint_auth_method: 'private_key_jwt' })], /jwks is needed/],
    ['a key that is never asked for', [client({ jwks: { keys: [jwk] } })], /only for it/],
    [
      'a shared secret',
      [client({ client_secret: 'x', token_endpoint_auth_method: 'client_secret_basic' })],
      /client_secret/,
    ],
    ['a redirect that is no web address', [client({ redirect_uris: ['javascript:alert(1)'] })], /redirect_uris/],
    ['the same id twice', [client(), client()], /once/],
    ['nobody', [], /file/],
    ['no JSON', '{', /cannot be read as JSON/],
  ])('with %s stops the start', async (_what, content, message) => {
    await expect(readClients(await written(content))).rejects.toThrow(message);
  });
});
