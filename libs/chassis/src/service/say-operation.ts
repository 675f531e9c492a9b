import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RELEASE } from '@interlock/contracts';
import { type Digest, type EvidenceRecord, evidenceOf, type ProgramReport } from '@interlock/domain';
import { appendAllEvidence, appendEvidence } from '../db/evidence.js';
import type { Transactor } from '../db/transactor.js';
import type { Wiring } from './define-service.js';

/** Between two tries: the door for evidence may not be there yet, where every service of an installation starts for the first time. Milliseconds. */
const AGAIN_AFTER = 500;
/** The last word of a service keeps nobody waiting for longer. Milliseconds. */
const LAST_WORD = 1_000;

/** What runs: the release, and the digest of its program file as `sha256sum` prints it. A service of the broker judges by no term of its own. */
export function serviceProgram(file: string | undefined): ProgramReport {
  const tzdata = process.versions.tz ?? 'none';
  return {
    version: RELEASE,
    digest: digestOf(file),
    node: process.version,
    tzdata,
    evaluators: [],
    functionRights: [],
  };
}

function digestOf(file: string | undefined): string | null {
  try {
    return file === undefined ? null : createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return null;
  }
}

/** A service that has a database, as it says what it does itself. */
export type Speaker = Pick<Wiring, 'transactor' | 'clock' | 'ids'> & { readonly name: string };

/**
 * Says in the operator's log that this service started, with what, and which steps its tables took: each once, in the transaction that marks it as said. A start
 * without an end before the next one is a crash. Tries until it is said or `over`; a service does not wait for it.
 */
export async function sayStarted(speaker: Speaker, program: ProgramReport, over: AbortSignal): Promise<void> {
  const started = recordOf(speaker, 'service.started', { program });
  while (!over.aborted) {
    try {
      return await speaker.transactor.run(async (tx) => {
        await appendEvidence(tx, started);
        const steps = await tx.query<MigrationRow>(
          `with said as (insert into said_migrations select name from migrations on conflict do nothing returning name)
           select m.name, m.sql_digest, floor(extract(epoch from m.run_at) * 1000)::float8 as at
           from migrations m join said using (name) order by m.run_at, m.name`,
        );
        await appendAllEvidence(
          tx,
          steps.map((step) => migrated(speaker, step)),
        );
      });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER).unref());
    }
  }
}

interface MigrationRow {
  readonly name: string;
  readonly sql_digest: string;
  readonly at: number;
}

const migrated = (speaker: Speaker, { name, sql_digest: digest, at }: MigrationRow): EvidenceRecord =>
  recordOf(speaker, 'schema.migrated', { code: name, documents: [`sha256:${digest}` as Digest], at });

/** Says that this service was told to end, and does. Where it cannot be said in time, the next start shows that it is missing. */
export function sayStopped(speaker: Speaker, program: ProgramReport): Promise<unknown> {
  const said = speaker.transactor.run((tx) => appendEvidence(tx, recordOf(speaker, 'service.stopped', { program })));
  const late = new Promise((resolve) => setTimeout(resolve, LAST_WORD).unref());
  return Promise.race([said.catch(() => undefined), late]);
}

const recordOf = (
  { name, clock, ids }: Speaker,
  kind: 'service.started' | 'service.stopped' | 'schema.migrated',
  said: Partial<EvidenceRecord>,
): EvidenceRecord =>
  evidenceOf(`broker/${name}`, ids.next('evd'), { log: 'operator', kind, outcome: 'change', at: clock.now(), ...said });

/** Whether this service has tables of its own; without them it has no way to say anything. */
export const speakerOf = (name: string, wiring: Wiring): Speaker | undefined => {
  const known = transactorOf(wiring);
  return known && { name, transactor: known, clock: wiring.clock, ids: wiring.ids };
};

function transactorOf(wiring: Wiring): Transactor | undefined {
  try {
    return wiring.transactor;
  } catch {
    return undefined;
  }
}
