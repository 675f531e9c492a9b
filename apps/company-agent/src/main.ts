import { endWithParent, makeLog } from '@interlock/company-side';
import { ConfigurationError, readConfig } from '@interlock/contracts';
import { SETTINGS } from './settings.js';
import { startAgent } from './start-agent.js';

const LONGEST_END_MS = 5_000;

async function main(): Promise<void> {
  const settings = readConfig(SETTINGS, process.env);
  const agent = await startAgent(settings, makeLog('company-agent'));
  const end = () => {
    setTimeout(() => process.exit(1), LONGEST_END_MS).unref();
    agent.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  endWithParent(settings.INTERLOCK_PARENT_PIPE === '1', end);
  // Last: who reads this line may end the process at once, and must find somebody who listens.
  const ready = {
    ready: 'company-agent',
    port: agent.port,
    organisation: agent.organisation,
    metrics: agent.operatorPort,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

// A reader of our output that went away is no reason to end.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

main().catch((error: unknown) => {
  process.stderr.write(`company-agent: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigurationError ? 2 : 1);
});
