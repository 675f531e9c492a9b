import { endWithParent, makeLog } from '@interlock/company-side';
import { ConfigurationError } from '@interlock/contracts';
import { gatewayConfig } from './config.js';
import { startGateway } from './gateway.js';

async function main(): Promise<void> {
  const config = gatewayConfig(process.env);
  const gateway = await startGateway(config, makeLog('edge-gateway'));
  const stop = () => void gateway.close().finally(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  endWithParent(config.INTERLOCK_PARENT_PIPE === '1', stop);
  process.stdout.write(
    `${JSON.stringify({
      ready: 'edge-gateway',
      port: gateway.localPort,
      ingest: gateway.ingestPort,
      metrics: gateway.operatorPort ?? undefined,
    })}\n`,
  );
}

main().catch((fault: unknown) => {
  process.stderr.write(`edge-gateway: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(fault instanceof ConfigurationError ? 2 : 1);
});
