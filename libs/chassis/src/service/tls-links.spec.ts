import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LoopbackCertificate,
  loopbackCertificate,
  type TestDatabase,
  type TestNats,
  testDatabase,
  testNats,
} from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { defineService } from './define-service.js';
import { startService } from './start-service.js';

@Module({})
class Nothing {}
const registry = defineService({ name: 'trust-registry', module: Nothing, settings: {}, migrations: [] });

let dir: string;
let issued: LoopbackCertificate;
let database: TestDatabase;
let nats: TestNats;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'interlock-tls-links-'));
  chmodSync(dir, 0o711);
  issued = await loopbackCertificate(dir);
  [database, nats] = await Promise.all([testDatabase(), testNats({ deployed: false, tls: issued })]);
  await turnTlsOn(database, issued);
}, 60_000);

afterAll(async () => {
  await nats?.stop();
  await database?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** PostgreSQL takes a key only of its own user and closed to others; it reads both again without a restart. */
async function turnTlsOn(server: TestDatabase, { certFile, keyFile }: LoopbackCertificate): Promise<void> {
  const [row] = await server.query<{ data_directory: string }>('show data_directory');
  const place = row?.data_directory ?? '';
  const { uid, gid } = statSync(place);
  for (const [from, name] of [
    [certFile, 'server.crt'],
    [keyFile, 'server.key'],
  ] as const) {
    copyFileSync(from, join(place, name));
    chownSync(join(place, name), uid, gid);
  }
  chmodSync(join(place, 'server.key'), 0o600);
  await server.query('alter system set ssl = on');
  await server.query('select pg_reload_conf()');
}

const env = (changed: Record<string, string> = {}) => ({
  DATABASE_URL: `${database.urlFor('trust-registry')}?sslmode=verify-full&sslrootcert=${issued.certFile}`,
  NATS_URL: nats.urlFor('trust-registry'),
  NATS_CA_FILE: issued.certFile,
  LOG_LEVEL: 'silent',
  ...changed,
});

describe('a service whose bus and database are reached by TLS', () => {
  it('is ready, and none of its connections to the database is in plain text', async () => {
    await using service = await startService(registry, { env: env() });
    await service.whenReady();
    const connections = await database.query<{ ssl: boolean }>(
      `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'interlock_trust_registry'`,
    );
    expect(new Set(connections.map(({ ssl }) => ssl))).toEqual(new Set([true]));
  });

  it.each([
    ['the bus shows a certificate of nobody it trusts', { NATS_CA_FILE: '' }, /the bus of NATS_URL/],
    ['the file of the bus’s issuer is not there', { NATS_CA_FILE: '/nowhere/ca.pem' }, /file that NATS_CA_FILE names/],
  ])('does not start where %s', async (_why, changed, words) => {
    await expect(startService(registry, { env: env(changed) })).rejects.toThrow(words);
  });

  it('does not start where the database shows a certificate of nobody it trusts, or one for another name', async () => {
    const plain = database.urlFor('trust-registry');
    const other = join(dir, 'other.pem');
    writeFileSync(other, (await loopbackCertificate(mkdtempSync(join(dir, 'other-')))).ca);
    for (const url of [
      `${plain}?sslmode=verify-full`,
      `${plain}?sslmode=verify-full&sslrootcert=${other}`,
      `${plain.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${issued.certFile}`,
    ]) {
      await expect(startService(registry, { env: env({ DATABASE_URL: url }) })).rejects.toThrow(
        /the database of DATABASE_URL/,
      );
    }
  });

  it('does not start where the bus behind tls:// speaks plain text', async () => {
    await using bare = await testNats({ deployed: false });
    const url = bare.urlFor('trust-registry').replace('nats:', 'tls:');
    await expect(startService(registry, { env: env({ NATS_URL: url }) })).rejects.toThrow(/the bus of NATS_URL/);
  });
});
