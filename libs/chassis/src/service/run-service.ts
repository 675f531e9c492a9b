import { ConfigurationError } from '@interlock/contracts';
import type { ProgramReport } from '@interlock/domain';
import type { z } from 'zod';
import { StartError } from '../fault.js';
import { makeLog } from '../log/logger.js';
import type { ServiceDefinition } from './define-service.js';
import { migrateAlone } from './migrate-alone.js';
import { sayStarted, sayStopped, serviceProgram, speakerOf } from './say-operation.js';
import { type RunningService, startService } from './start-service.js';

/** The process a service runs in: `process`, given by main so that nothing else reaches for it. */
export type Host = Pick<NodeJS.Process, 'argv' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'exit'> & {
  once(event: string, listener: (thrown: unknown) => void): unknown;
};

/** A stop that takes longer is ended; what was under way comes again elsewhere. */
const GRACE_MS = 5_000;

/**
 * Runs a service until it is told to end: by SIGTERM, by SIGINT or, with INTERLOCK_PARENT_PIPE=1, by the end of stdin.
 * Prints `{"ready":"<name>","port":n}` as the only line on stdout once it can do its work. Exit code 1 says that it could
 * not start or broke; then stderr says what to change, without values. Started as `main.js migrate [names]` it brings its schema
 * up to date and ends (see `migrateAlone`).
 */
export async function runService<const S extends z.ZodRawShape>(
  definition: ServiceDefinition<S>,
  host: Host,
): Promise<void> {
  const log = makeLog(definition.name, 'error');
  const broken = (thrown: unknown) => {
    log.error({ event: 'service.broken', err: thrown }, 'service ends because it broke');
    host.exit(1);
  };
  host.once('uncaughtException', broken);
  host.once('unhandledRejection', broken);
  try {
    if (host.argv[2] === 'migrate') {
      const ran = await migrateAlone(definition, host.env, host.argv[3]);
      host.stdout.write(`${JSON.stringify({ migrated: definition.name, ran })}\n`, () => host.exit(0));
      return;
    }
    const program = serviceProgram(host.argv[1]);
    const service = await startService(definition, { env: host.env });
    endWhenTold(service, host, saysWhatItDoes(definition.name, service, program));
    await service.whenReady();
    host.stdout.write(`${JSON.stringify({ ready: definition.name, port: service.port })}\n`);
  } catch (thrown) {
    // These two say what to change, and no value; of anything else only the log's facts may be told.
    if (!(thrown instanceof ConfigurationError || thrown instanceof StartError)) return broken(thrown);
    host.stderr.write(`${thrown.message}\n`);
    host.exit(1);
  }
}

/** Its start goes into the operator's log beside its work, its end before it. Answers what is to be done when it is told to end. */
function saysWhatItDoes(name: string, { wiring }: RunningService, program: ProgramReport): () => Promise<unknown> {
  const speaker = speakerOf(name, wiring);
  if (!speaker) return () => Promise.resolve();
  const over = new AbortController();
  void sayStarted(speaker, program, over.signal);
  return () => {
    over.abort();
    return sayStopped(speaker, program);
  };
}

function endWhenTold(service: RunningService, host: Host, lastWord: () => Promise<unknown>): void {
  let told = false;
  const end = () => {
    if (told) return;
    told = true;
    setTimeout(() => host.exit(1), GRACE_MS).unref();
    lastWord()
      .then(() => service.close())
      .then(
        () => host.exit(0),
        () => host.exit(1),
      );
  };
  host.once('SIGTERM', end);
  host.once('SIGINT', end);
  if (!service.endsWithParent) return;
  host.stdin.once('end', end);
  host.stdin.once('close', end);
  host.stdin.resume();
}
