import { endWithParent, openOperatorPort } from '@interlock/company-side';
import { ConfigurationError } from '@interlock/contracts';
import { relayConfig } from './config.js';
import { Relay } from './relay.js';

async function main(): Promise<void> {
  const config = relayConfig(process.env);
  const relay = new Relay({
    host: config.RELAY_HOST,
    port: config.RELAY_PORT,
    waiting: config.RELAY_MAX_WAITING,
    waitingPerAddress: config.RELAY_MAX_WAITING_PER_ADDRESS,
    pairs: config.RELAY_MAX_PAIRS,
    requestMs: config.RELAY_REQUEST_SECONDS * 1_000,
    partnerMs: config.RELAY_PARTNER_SECONDS * 1_000,
    idleMs: config.RELAY_IDLE_SECONDS * 1_000,
  });
  const port = await relay.start();
  const operator = await openOperatorPort({
    process: 'relay',
    at: config,
    troubles: () => ({}),
    figures: { waiting: () => relay.counts.waiting, pairs: () => relay.counts.pairs },
  });
  const end = () => void relay.stop().then(() => process.exit(0));
  endWithParent(config.INTERLOCK_PARENT_PIPE === '1', end);
  process.once('SIGTERM', end).once('SIGINT', end);
  process.stdout.write(
    `${JSON.stringify({ ready: 'relay', port, region: config.RELAY_REGION, metrics: operator?.port })}\n`,
  );
}

main().catch((fault: unknown) => {
  process.stderr.write(`relay: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(fault instanceof ConfigurationError ? 2 : 1);
});
