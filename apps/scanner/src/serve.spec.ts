import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Instant, SCAN_BOUNDS } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseDigest } from './engine/database-digest.js';
import { type Serving, serveScans } from './serve.js';

const dir = mkdtempSync(join(tmpdir(), 'scanner-'));
const socketPath = join(dir, 'scanner.sock');
let serving: Serving;

beforeAll(async () => {
  const clamd = { socket: join(dir, 'no-clamd.sock'), deadlineMs: 500 };
  const database = new DatabaseDigest(join(dir, 'none'));
  serving = await serveScans({ clamd, database, bounds: SCAN_BOUNDS, now: () => 7 as Instant }, socketPath);
});
afterAll(async () => {
  await serving.close();
  rmSync(dir, { recursive: true, force: true });
});

const ask = (body: Uint8Array, over: { path?: string; method?: string; headers?: Record<string, string> } = {}) =>
  new Promise<{ status: number | undefined; said: Record<string, unknown> }>((resolve, reject) => {
    const asked = request({ socketPath, path: '/v1/scan', method: 'POST', ...over }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode,
          said: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
        });
      });
    });
    asked.on('error', reject).end(body);
  });

describe('who asks for a verdict', () => {
  it('is told that the engine is gone, over these very bytes and never that they are clean', async () => {
    const { status, said } = await ask(gzipSync('x'), { headers: { 'content-encoding': 'gzip' } });
    expect(status).toBe(200);
    expect(said).toMatchObject({ outcome: 'unscannable', reason: 'engine_absent', engine: null, at: 7 });
    expect(said.digest).toMatch(/^sha256:[\w-]{43}$/);
  });

  it('is refused by name for what cannot be taken', async () => {
    expect(await ask(Buffer.alloc(0), { method: 'PUT' })).toMatchObject({ status: 404, said: { code: 'not_a_party' } });
    expect(await ask(Buffer.alloc(0), { path: '/v1/other' })).toMatchObject({ status: 404 });
    const large = await ask(Buffer.alloc(SCAN_BOUNDS.memberBytes + 1));
    expect(large).toMatchObject({ status: 413, said: { code: 'too_large' } });
  });

  it('is whoever runs it, and nobody else of the machine', () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });
});
