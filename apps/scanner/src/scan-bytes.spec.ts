import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { type Instant, SCAN_BOUNDS } from '@interlock/domain';
import { type Clamd, findClamd, openCacheFolder, type RunningClamd, startClamd } from '@interlock/trial';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pack } from 'tar-stream';
import { eicar, eicarDatabase } from '../test/eicar.js';
import { makeZip, zippedTimes } from '../test/make-zip.js';
import { DatabaseDigest } from './engine/database-digest.js';
import { type Scanning, scanBytes } from './scan-bytes.js';

const MIB = 1024 * 1024;
const EICAR: Buffer = eicar();
const CACHE = openCacheFolder();
const refused: string[] = [];
const clamd = await findClamd(CACHE, (line) => refused.push(line));

const zeros = (length: number, end: Buffer = Buffer.alloc(0)) => Buffer.concat([Buffer.alloc(length), end]);
const noise = (outputLength: number) => createHash('shake256', { outputLength }).update('noise').digest();
const zip = (bytes: Uint8Array) => makeZip([{ name: 'a.bin', bytes }]);
const escaped = (bytes: Uint8Array) => Buffer.from(JSON.stringify({ data: bytes.toString() }));
const base64 = (bytes: Uint8Array) =>
  Buffer.from(JSON.stringify({ data_base64: Buffer.from(bytes).toString('base64') }));
const tar = async (bytes: Uint8Array): Promise<Buffer> => {
  const archive = pack();
  archive.entry({ name: 'a.bin' }, Buffer.from(bytes));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

describe('a clamd to hold the table against', () => {
  it('is there, or is missing by name', () => {
    if (!clamd) process.stderr.write(`passed over: the scan table needs clamd (${refused.join('; ')})\n`);
    expect(clamd !== undefined || process.env.CI !== 'true').toBe(true);
  });
});

if (clamd) describeWithClamd(clamd);

function describeWithClamd(program: Clamd): void {
  const dir = mkdtempSync(join(tmpdir(), 'scan-'));
  let running: RunningClamd;
  let scanning: Scanning;

  beforeAll(async () => {
    running = await startClamd({
      clamd: program,
      dir: join(dir, 'clamd'),
      binCacheDir: CACHE,
      database: eicarDatabase(),
    });
    scanning = {
      clamd: { socket: running.socket, deadlineMs: 10_000 },
      database: new DatabaseDigest(running.database),
      bounds: SCAN_BOUNDS,
      now: () => 7 as Instant,
    };
  });
  afterAll(async () => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  describe('what does not go on', () => {
    it.each<[string, () => Uint8Array | Promise<Uint8Array>, string, string]>([
      ['the test file raw', () => EICAR, 'infected', 'signature'],
      ['with a line end', () => Buffer.concat([EICAR, Buffer.from('\r\n')]), 'infected', 'signature'],
      ['inside a plain text', () => Buffer.from(`{"a":"${EICAR}"}`), 'infected', 'signature'],
      ['gzip', () => gzipSync(EICAR), 'infected', 'signature'],
      ['zip', () => zip(EICAR), 'infected', 'signature'],
      ['tar.gz', async () => gzipSync(await tar(EICAR)), 'infected', 'signature'],
      ['zip in zip, seven times', () => zippedTimes(EICAR, 7), 'infected', 'signature'],
      ['zip in zip, eleven times', () => zippedTimes(noise(9), 11), 'refused', 'too_deep'],
      [
        'a zip of 2,000 files',
        () => makeZip(Array.from({ length: 2_000 }, (_one, at) => ({ name: `${at}`, bytes: Buffer.from('x') }))),
        'refused',
        'too_many_entries',
      ],
      [
        'five members of 9.9 MB',
        () => makeZip(Array.from({ length: 5 }, (_one, at) => ({ name: `${at}`, bytes: zeros(9_900_000) }))),
        'refused',
        'ratio',
      ],
      ['a gzip of 20 MB', () => gzipSync(zeros(20 * MIB)), 'refused', 'ratio'],
      ['an encrypted zip', () => makeZip([{ name: 'a', bytes: EICAR, lie: { flags: 1 } }]), 'unscannable', 'encrypted'],
      ['a zip member of 20 MB with the test file at its end', () => zip(zeros(20 * MIB, EICAR)), 'refused', 'ratio'],
      ['a zip member of 60 MB', () => zip(zeros(60 * MIB)), 'refused', 'ratio'],
      ['the test file behind escapes', () => escaped(EICAR), 'infected', 'signature'],
      ['in base64', () => base64(EICAR), 'infected', 'signature'],
    ])('%s: row of the table', async (_what, given, outcome, reason) => {
      expect(await scanBytes(scanning, await given())).toMatchObject({ outcome, reason });
    });

    it.each<[string, () => Uint8Array | Promise<Uint8Array>, string, string]>([
      ['zlib', () => deflateSync(EICAR), 'infected', 'signature'],
      ['base64 of a zip behind JSON in JSON', () => escaped(base64(zip(EICAR))), 'infected', 'signature'],
      ['base64 alone', () => Buffer.from(EICAR.toString('base64')), 'infected', 'signature'],
      ['one line of NDJSON', () => Buffer.concat([Buffer.from('{"a":1}\n'), base64(EICAR)]), 'infected', 'signature'],
      ['a zip behind a program', () => Buffer.concat([Buffer.from('MZ\0\0'), zip(noise(9))]), 'unscannable', 'damaged'],
      ['a zip that is cut short', () => zip(noise(5_000)).subarray(0, 3_000), 'unscannable', 'damaged'],
      ['a gzip that is cut short', () => gzipSync(noise(5_000)).subarray(0, 3_000), 'unscannable', 'damaged'],
      [
        'a format that nobody here can bound',
        () => Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'),
        'unscannable',
        'unknown_archive',
      ],
      [
        'a member that is larger than it says',
        () => makeZip([{ name: 'a', bytes: zeros(5_000), lie: { declared: 10 } }]),
        'refused',
        'headers_differ',
      ],
      [
        'a member with two names',
        () => makeZip([{ name: 'a', bytes: noise(9), lie: { localName: 'b' } }]),
        'refused',
        'headers_differ',
      ],
      [
        'bytes that belong to no member',
        () => makeZip([{ name: 'a', bytes: noise(9) }], 100),
        'refused',
        'headers_differ',
      ],
      [
        'members that share their bytes',
        () => makeZip(['a', 'a'].map((name) => ({ name, bytes: noise(9), lie: { at: 0 } }))),
        'refused',
        'overlapping',
      ],
      [
        'a compression that is not read',
        () => makeZip([{ name: 'a', bytes: noise(9), lie: { method: 14 } }]),
        'unscannable',
        'unknown_encoding',
      ],
      [
        'a JSON text nested without end',
        () => Buffer.from(`${'['.repeat(200)}${']'.repeat(200)}`),
        'refused',
        'too_deep',
      ],
      ['more than a delivery may hold', () => zeros(SCAN_BOUNDS.memberBytes + 1), 'refused', 'member_too_large'],
    ])('%s', async (_what, given, outcome, reason) => {
      expect(await scanBytes(scanning, await given())).toMatchObject({ outcome, reason });
    });

    it.each<[string[], Uint8Array]>([
      [['gzip'], gzipSync(EICAR)],
      [['br'], brotliCompressSync(EICAR)],
      [['deflate'], deflateSync(EICAR)],
      [['deflate'], deflateRawSync(EICAR)],
      [['br', 'identity', 'gzip'], gzipSync(brotliCompressSync(base64(EICAR)))],
    ])('content encoded with %j', async (encodings, given) => {
      expect(await scanBytes(scanning, given, encodings)).toMatchObject({ outcome: 'infected' });
    });

    it('is a bomb behind an encoding, or an encoding that is unknown or a lie', async () => {
      expect(
        await scanBytes(
          scanning,
          brotliCompressSync(zeros(20 * MIB), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
          ['br'],
        ),
      ).toMatchObject({ reason: 'ratio' });
      expect(await scanBytes(scanning, EICAR, ['zstd'])).toMatchObject({ outcome: 'infected' });
      expect(await scanBytes(scanning, noise(50), ['zstd'])).toMatchObject({ reason: 'unknown_encoding' });
      expect(await scanBytes(scanning, noise(50), ['gzip'])).toMatchObject({ reason: 'damaged' });
    });
  });

  describe('what goes on', () => {
    it.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
      ['nothing', () => Buffer.alloc(0)],
      ['a batch of figures', () => Buffer.from(JSON.stringify({ observations: [{ key: 'force', value: 812.5 }] }))],
      ['noise', () => noise(50_000)],
      [
        'an honest zip',
        () =>
          makeZip([
            { name: 'a', bytes: noise(9_000) },
            { name: 'b', bytes: noise(10), lie: { method: 0 } },
          ]),
      ],
      ['an honest tar.gz', async () => gzipSync(await tar(noise(9_000)))],
      ['base64 of something honest', () => base64(noise(9_000))],
    ])('%s', async (_what, given) => {
      const bytes = await given();
      const verdict = await scanBytes(scanning, bytes);
      expect(verdict).toMatchObject({ outcome: 'clean', reason: null, signature: null, at: 7 });
      expect(verdict.engine).toMatch(/^ClamAV \d/);
      expect(verdict.digest).not.toBe((await scanBytes(scanning, Buffer.concat([bytes, Buffer.from('x')]))).digest);
    });
  });

  it('names another database after the database changed', async () => {
    const before = await scanBytes(scanning, noise(9));
    const more = join(dir, 'more');
    writeFileSync(more, 'x');
    const other = { ...scanning, database: new DatabaseDigest(dir) };
    expect((await scanBytes(scanning, noise(9))).database).toBe(before.database);
    // A folder with folders in it is no database, so nothing is clean by it.
    expect(await scanBytes(other, noise(9))).toMatchObject({ outcome: 'unscannable', database: null });
  });

  it('is never clean where the engine is gone, silent or talks nonsense', async () => {
    const gone = { ...scanning, clamd: { socket: join(dir, 'none.sock'), deadlineMs: 500 } };
    expect(await scanBytes(gone, noise(9))).toMatchObject({
      outcome: 'unscannable',
      reason: 'engine_absent',
      engine: null,
    });
    for (const says of ['', 'ClamAV 9\0', 'stream: OK\0', 'x'.repeat(5_000)]) {
      const socket = join(dir, `fake-${says.length}.sock`);
      const fake = createServer(
        (peer) =>
          void peer
            .on('error', () => undefined)
            .resume()
            .write(says),
      ).listen(socket);
      await once(fake, 'listening');
      const verdict = await scanBytes({ ...scanning, clamd: { socket, deadlineMs: 200 } }, noise(9));
      expect(verdict).toMatchObject({ outcome: 'unscannable' });
      await new Promise((done) => fake.close(done));
    }
  });
}
