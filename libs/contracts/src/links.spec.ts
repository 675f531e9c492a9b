import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readConfig } from './config.js';
import { busLink, databaseConnection, databaseLink, webLink } from './links.js';

const SETTINGS = { NATS_URL: busLink(), DATABASE_URL: databaseLink(), BROKER_ORIGIN: webLink() };
const LOCAL = {
  NATS_URL: 'nats://grants:secret@127.0.0.1:4222',
  DATABASE_URL: 'postgres://interlock_grants:secret@localhost:5432/interlock',
  BROKER_ORIGIN: 'http://[::1]:7000',
};
const read = (changed: Record<string, string>) => readConfig(SETTINGS, { ...LOCAL, ...changed });

describe('an address of a setting', () => {
  it.each([
    ['NATS_URL', 'nats://127.0.0.1:1,nats://localhost:2'],
    ['NATS_URL', 'tls://grants:secret@bus.example:4222,tls://grants:secret@10.0.0.7:4222'],
    ['DATABASE_URL', 'postgresql://r:p@[::1]:5432/interlock'],
    ['DATABASE_URL', 'postgres://r:p@db.example:5432/interlock?sslmode=verify-full'],
    ['DATABASE_URL', 'postgres://r:p@db.example:5432/interlock?sslmode=verify-full&sslrootcert=/etc/ca.pem'],
    ['BROKER_ORIGIN', 'http://127.8.9.10:80'],
    ['BROKER_ORIGIN', 'https://broker.example'],
  ])('%s may be %s', (name, value) => {
    expect(read({ [name]: value })).toMatchObject({ [name]: value });
  });

  it.each([
    ['NATS_URL', 'nats://bus.example:4222', /NATS_URL .*tls:\/\/.*NATS_CA_FILE/],
    ['NATS_URL', 'nats://127.0.0.1:4222,nats://10.0.0.7:4222', /NATS_URL .*tls:\/\//],
    ['NATS_URL', 'nats://127.0.0.1:4222,tls://bus.example:4222', /NATS_URL .*for all of them/],
    ['NATS_URL', 'ws://127.0.0.1:4222', /NATS_URL .*must be nats/],
    ['NATS_URL', 'nats://localhost.evil.example:4222', /NATS_URL .*tls:\/\//],
    ['NATS_URL', 'nats://127.0.0.1.evil.example:4222', /NATS_URL .*tls:\/\//],
    ['NATS_URL', 'nats://127.0.0.999:4222', /NATS_URL .*tls:\/\//],
    ['NATS_URL', 'nats://localhost@bus.example:4222', /NATS_URL .*tls:\/\//],
    ['DATABASE_URL', 'postgres://r:p@db.example:5432/interlock', /DATABASE_URL .*verify-full.*sslrootcert/],
    ['DATABASE_URL', 'postgres://r:p@db.example:5432/interlock?sslmode=require', /DATABASE_URL .*no other parameter/],
    ['DATABASE_URL', 'postgres://r:p@127.0.0.1:5432/interlock?host=db.example', /DATABASE_URL .*no other parameter/],
    ['DATABASE_URL', 'postgres://r:p@127.0.0.1:5432/interlock?sslrootcert=/etc/ca.pem', /DATABASE_URL .*takes sslmode/],
    ['DATABASE_URL', 'postgres://r:p@db.example/i?sslmode=verify-full&sslmode=verify-full', /no other parameter/],
    ['DATABASE_URL', 'postgres:///interlock', /DATABASE_URL .*must be postgres/],
    ['DATABASE_URL', 'mysql://r:p@127.0.0.1/interlock', /DATABASE_URL .*must be postgres/],
    ['BROKER_ORIGIN', 'http://broker.example', /BROKER_ORIGIN .*https:\/\/.*end TLS in front/],
    ['BROKER_ORIGIN', 'http://10.0.0.7:7000', /BROKER_ORIGIN .*https:\/\//],
    ['BROKER_ORIGIN', 'http://0.0.0.0:7000', /BROKER_ORIGIN .*https:\/\//],
  ])('%s may not be %s', (name, value, words) => {
    expect(() => read({ [name]: value })).toThrow(words);
    expect(() => read({ [name]: value })).not.toThrow(/evil|secret|:4222/);
  });

  it('is an address at all', () => {
    expect(z.safeParse(webLink(), 'broker').success).toBe(false);
    expect(z.safeParse(busLink(), '').success).toBe(false);
    expect(z.safeParse(databaseLink(), '').success).toBe(false);
  });
});

describe('databaseConnection', () => {
  it('hands a driver no parameter that it would interpret by itself, and the name to compare', () => {
    const read = (path: string) => `text of ${path}`;
    const there = 'postgres://r:p@[fd00::7]:5432/interlock?sslmode=verify-full&sslrootcert=/etc/ca.pem';
    expect(databaseConnection(there, read)).toEqual({
      connectionString: 'postgres://r:p@[fd00::7]:5432/interlock',
      ssl: { rejectUnauthorized: true, host: 'fd00::7', ca: 'text of /etc/ca.pem' },
    });
    expect(databaseConnection(LOCAL.DATABASE_URL, read)).toEqual({ connectionString: LOCAL.DATABASE_URL });
  });
});
