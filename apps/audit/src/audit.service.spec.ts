import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLog, startService } from '@interlock/chassis';
import { type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRecord, connected } from '../test/an-audit.js';
import { auditService } from './audit.service.js';
import { openLogKey } from './log-key-file.js';

describe('the audit service by itself', () => {
  let database: TestDatabase;
  let nats: TestNats;
  const folder = mkdtempSync(join(tmpdir(), 'interlock-audit-'));
  beforeAll(async () => {
    [database, nats] = await Promise.all([testDatabase(), testNats()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([database.stop(), nats.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const start = () =>
    startService(auditService, {
      env: {
        DATABASE_URL: database.urlFor('audit'),
        NATS_URL: nats.urlFor('audit'),
        LOG_ORIGIN: 'broker.example',
        LOG_KEY_FILE: join(folder, 'log.pem'),
      },
      log: makeLog('audit', 'silent'),
    });

  it('has a record under a checkpoint within a second, with two replicas at it, and again after a restart', async () => {
    const edge = await connected(database.urlFor('federation-api'));
    for (let round = 1; round <= 2; round += 1) {
      const replicas = await Promise.all([start(), start()]);
      const slowest: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        const record = aRecord({ at: Date.now() });
        await edge.query('select evidence.append($1::jsonb)', [JSON.stringify(record)]);
        const committed = performance.now();
        const covered = `select 1 from audit.appended a join audit.entry e using (position)
          join audit.checkpoint c on c.log_no = e.log_no and c.size > e.idx where a.id = $1`;
        while ((await database.query(covered, [record.id])).length === 0 && performance.now() - committed < 5_000);
        slowest.push(performance.now() - committed);
      }
      expect(Math.max(...slowest)).toBeLessThan(1_000);
      for (const replica of replicas) {
        expect(await replica.health.troubles()).toEqual({});
        await replica.close();
      }
    }
    expect(await database.query('select count(*)::int as n, max(idx)::int as last from audit.entry')).toEqual([
      { n: 6, last: 5 },
    ]);
    await edge.end();
  }, 60_000);

  it('makes its key once, for itself alone, and refuses what is no key', () => {
    const file = join(folder, 'other.pem');
    const made = openLogKey(file);
    expect(openLogKey(file).equals(made)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, readFileSync(file, 'utf8').replace('PRIVATE', 'PUBLIC'));
    expect(() => openLogKey(file)).toThrow('LOG_KEY_FILE is not');
    expect(() => openLogKey(join(folder, 'missing', 'log.pem'))).toThrow('create it first');
  });
});
