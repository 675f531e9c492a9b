import { endWithParent, makeLog } from '@interlock/company-side';
import { gatewayConfig } from './config.js';
import { startGateway } from './gateway.js';

const config = gatewayConfig(process.env);
const gateway = await startGateway(config, makeLog('edge-gateway'));
const stop = () => void gateway.close().finally(() => process.exit(0));
process.once('SIGTERM', stop).once('SIGINT', stop);
endWithParent(config.INTERLOCK_PARENT_PIPE === '1', stop);
process.stdout.write(`${JSON.stringify({ ready: 'edge-gateway', port: gateway.localPort })}\n`);
