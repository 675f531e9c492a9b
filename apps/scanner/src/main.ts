import { endWithParent } from '@interlock/company-side';
import { ConfigurationError } from '@interlock/contracts';
import { type Instant, SCAN_BOUNDS } from '@interlock/domain';
import { scannerConfig } from './config.js';
import { DatabaseDigest } from './engine/database-digest.js';
import { serveScans } from './serve.js';

async function main(): Promise<void> {
  const config = scannerConfig(process.env);
  const serving = await serveScans(
    {
      clamd: { socket: config.SCANNER_CLAMD, deadlineMs: config.SCANNER_DEADLINE_SECONDS * 1_000 },
      database: new DatabaseDigest(config.SCANNER_DATABASE),
      bounds: SCAN_BOUNDS,
      now: () => Date.now() as Instant,
    },
    config.SCANNER_SOCKET,
  );
  const end = () => void serving.close().then(() => process.exit(0));
  endWithParent(config.INTERLOCK_PARENT_PIPE === '1', end);
  process.once('SIGTERM', end).once('SIGINT', end);
  process.stdout.write(`${JSON.stringify({ ready: 'scanner' })}\n`);
}

main().catch((fault: unknown) => {
  process.stderr.write(`scanner: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(fault instanceof ConfigurationError ? 2 : 1);
});
