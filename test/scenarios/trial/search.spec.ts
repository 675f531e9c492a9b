import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type KeyFile, needlesOf } from './private-keys.js';
import { compileSearch } from './search.js';

const folder = mkdtempSync(join(tmpdir(), 'interlock-search-'));
afterAll(() => rmSync(folder, { recursive: true }));

function aKey(type: 'ed25519' | 'ec'): KeyFile & { forms: Record<string, Buffer> } {
  const { privateKey } =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const scalar = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const text = (value: string) => Buffer.from(value);
  const forms = {
    'the number': scalar,
    DER: der,
    PEM: text(pem),
    'PEM inside JSON': text(JSON.stringify({ error: pem })),
    'base64 of DER': text(der.toString('base64')),
    'base64url of DER after a word': text(Buffer.concat([text('key:'), der]).toString('base64url')),
    JWK: text(JSON.stringify(privateKey.export({ format: 'jwk' }))),
    'hex in a log line': text(`{"msg":"${scalar.toString('hex')}"}`),
    'a printed buffer': text(JSON.stringify(scalar)),
  };
  return { name: 'a key', scalar, body: pem.split('\n').slice(1, 2), forms };
}

describe.each(['ed25519', 'ec'] as const)('a search for an %s key', (type) => {
  const { forms, ...key } = aKey(type);
  const search = compileSearch(needlesOf(key));

  it.each(Object.keys(forms))('finds it as %s, wherever it begins', (form) => {
    for (let before = 0; before < 40; before += 1) {
      const haystack = Buffer.concat([randomBytes(before), forms[form] ?? Buffer.alloc(0), randomBytes(7)]);
      expect(search.buffer(haystack).size).toBeGreaterThan(0);
    }
  });

  it('finds it planted in a log, also where two pieces of a large file meet, and nothing in the log before', () => {
    const logs = join(folder, type, 'logs');
    mkdirSync(logs, { recursive: true });
    const log = join(logs, 'grants.log');
    writeFileSync(log, randomBytes((4 << 20) - 10).toString('latin1'), 'latin1');
    expect([...search.path(folder)]).toEqual([]);
    appendFileSync(log, forms.JWK ?? '');
    expect(search.path(folder).size).toBeGreaterThan(0);
  });

  it('finds it in the memory of a process that holds it', async () => {
    const holds =
      'const key = Buffer.from(process.argv[1].slice(3), "hex"); setInterval(() => key.length, 1e6); console.log(1)';
    // Its command line says it in another form, which is a needle too.
    const child = spawn(process.execPath, ['-e', holds, `hex${key.scalar.toString('hex')}`]);
    await once(child.stdout, 'data');
    const found = search.memory(child.pid ?? -1);
    child.kill('SIGKILL');
    expect(found?.has('a key (raw)')).toBe(true);
  }, 20_000);
});
