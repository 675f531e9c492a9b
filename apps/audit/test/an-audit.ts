import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ids, RandomIds, type RunningService, startService } from '@interlock/chassis';
import type { Transactor, Tx } from '@interlock/chassis/db';
import type { ServiceName } from '@interlock/contracts';
import {
  type AgreementId,
  type EvidenceRecord,
  evidenceOf,
  type LocalId,
  type OrganisationId,
} from '@interlock/domain';
import { type NoteKey, newSalt, rawEd25519, withhold, witnessNoteKey } from '@interlock/proof';
import { FakeClock, type Faults, type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { Client, Pool } from 'pg';
import { auditService } from '../src/audit.service.js';
import { type LogSigner, logSigner } from '../src/commands/log-signer.js';
import { makeCheckpoints } from '../src/commands/make-checkpoints.js';
import { sequenceWaiting } from '../src/commands/sequence-waiting.js';
import { openLogKey } from '../src/log-key-file.js';

export const ORIGIN = 'broker.example';
export const VENDOR = 'alpine-presses.example' as OrganisationId;
export const BUYER = 'delta-foods.example' as OrganisationId;
export const STRANGER = 'initech.example' as OrganisationId;

const ids: Ids = new RandomIds();
export const anAgreementId = (): AgreementId => ids.next<AgreementId>('agr');

/** A valid record; a test names only what it changes. */
export const aRecord = (changes: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
  ...evidenceOf(`${BUYER}/gateway-1`, ids.next('evd'), {
    ...{ log: 'operator', kind: 'session.opened', outcome: 'allow', at: Date.UTC(2026, 0, 5, 8), organisation: BUYER },
    subject: { organisation: VENDOR, kind: 'person', id: 'technician-1' as LocalId },
    resource: { owner: BUYER, id: 'press-7' as LocalId },
  }),
  ...changes,
});

/** The audit service on a real PostgreSQL and a real bus; its workers run only when the test says so. */
export interface TestAudit {
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly clock: FakeClock;
  readonly ids: Ids;
  readonly transactor: Transactor;
  readonly signer: LogSigner;
  /** Appends as another service does: through its own role, in a transaction of its own; as the edge does for a gateway where none is named. */
  append(record: unknown, as?: ServiceName): Promise<number>;
  /** The same as the services do it: what the record says of persons goes beside the log. */
  say(record: EvidenceRecord, as?: ServiceName): Promise<number>;
  /** Gives every waiting record its place. */
  sequence(limit?: number): Promise<void>;
  /** Signs every log that grew; answers how many. */
  checkpoint(): Promise<number>;
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function anAudit(options: { faults?: Pick<Faults, 'through'> } = {}): Promise<TestAudit> {
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  const folder = mkdtempSync(join(tmpdir(), 'interlock-audit-'));
  const keyFile = join(folder, 'log.pem');
  const clock = new FakeClock();
  const service = await startWithoutWorkers(database, nats, keyFile, clock, options.faults);
  const { transactor } = service.wiring;
  const signer = logSigner(ORIGIN, openLogKey(keyFile));
  const writers = writersOf(database);
  const put = async (
    as: ServiceName,
    record: unknown,
    opened: readonly string[] | null,
    own: readonly string[] | null,
  ): Promise<number> => {
    const { rows } = await writers
      .of(as)
      .query('select evidence.append($1::jsonb, $2::jsonb, $3::jsonb) as place', [
        JSON.stringify(record),
        opened && JSON.stringify(opened),
        own && JSON.stringify(own),
      ]);
    return Number(rows[0].place);
  };
  return {
    database,
    nats,
    clock,
    ids,
    transactor,
    signer,
    append: (record, as = 'federation-api') => put(as, record, null, null),
    say(said, as = 'federation-api') {
      const { record, opened, own } = withhold(said, newSalt);
      return put(as, record, opened.length > 0 ? opened : null, own.length > 0 ? own : null);
    },
    async sequence(limit) {
      while ((await transactor.run((tx) => sequenceWaiting(tx, clock.now(), limit))) > 0);
    },
    checkpoint: () => transactor.run((tx) => makeCheckpoints(tx, signer, ids, clock.now())),
    run: (work) => transactor.run(work),
    async stop() {
      await writers.end();
      await service.close();
      await Promise.all([database.stop(), nats.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startWithoutWorkers(
  database: TestDatabase,
  nats: TestNats,
  keyFile: string,
  clock: FakeClock,
  faults: Pick<Faults, 'through'> | undefined,
): Promise<RunningService> {
  const env = {
    DATABASE_URL: database.urlFor('audit'),
    NATS_URL: nats.urlFor('audit'),
    LOG_LEVEL: 'error',
    LOG_ORIGIN: ORIGIN,
    LOG_KEY_FILE: keyFile,
  };
  return startService(
    { ...auditService, workers: () => [] },
    { env, clock, ...(faults ? { through: faults.through } : {}) },
  );
}

/** Connections of the other services, each with its own role. */
function writersOf(database: TestDatabase): { of(name: ServiceName): Pool; end(): Promise<void> } {
  const pools = new Map<ServiceName, Pool>();
  return {
    of(name) {
      const open = pools.get(name);
      if (open) return open;
      const pool = new Pool({ connectionString: database.urlFor(name), max: 4 });
      // A restarted server ends idle connections; the pool opens others.
      pool.on('error', () => undefined);
      pools.set(name, pool);
      return pool;
    },
    async end() {
      for (const pool of pools.values()) await pool.end();
    },
  };
}

export async function connected(url: string): Promise<Client> {
  const client = new Client(url);
  await client.connect();
  return client;
}

export interface AnyWitness {
  readonly organisation: OrganisationId;
  readonly key: NoteKey;
  readonly privateKey: KeyObject;
}

/** A witness of one organisation, with a key made for the test. */
export function aWitness(organisation: OrganisationId): AnyWitness {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = witnessNoteKey(organisation, rawEd25519(privateKey));
  if (!key.allowed) throw new Error(key.refusal.code);
  return { organisation, key: key.value, privateKey };
}
