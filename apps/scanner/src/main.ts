import { endWithParent, openOperatorPort } from '@interlock/company-side';
import { ConfigurationError } from '@interlock/contracts';
import { type Instant, SCAN_BOUNDS } from '@interlock/domain';
import { scannerConfig } from './config.js';
import { clamdVersion } from './engine/clamd.js';
import { DatabaseDigest } from './engine/database-digest.js';
import { serveScans } from './serve.js';

async function main(): Promise<void> {
  const config = scannerConfig(process.env);
  const clamd = { socket: config.SCANNER_CLAMD, deadlineMs: config.SCANNER_DEADLINE_SECONDS * 1_000 };
  const database = new DatabaseDigest(config.SCANNER_DATABASE);
  const now = () => Date.now() as Instant;
  const serving = await serveScans({ clamd, database, bounds: SCAN_BOUNDS, now }, config.SCANNER_SOCKET);
  const operator = await openOperatorPort({
    process: 'scanner',
    at: config,
    troubles: async () => ({
      ...((await clamdVersion(clamd)) === undefined && { clamd: 'does not answer' }),
      ...(database.now() === undefined && { database: 'cannot be read' }),
    }),
    figures: { scans: () => serving.under() },
  });
  const end = () => void serving.close().then(() => process.exit(0));
  endWithParent(config.INTERLOCK_PARENT_PIPE === '1', end);
  process.once('SIGTERM', end).once('SIGINT', end);
  process.stdout.write(`${JSON.stringify({ ready: 'scanner', metrics: operator?.port })}\n`);
}

main().catch((fault: unknown) => {
  process.stderr.write(`scanner: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(fault instanceof ConfigurationError ? 2 : 1);
});
