import { auditService } from '../../apps/audit/src/audit.service.js';
import { SETTINGS as agentSettings } from '../../apps/company-agent/src/settings.js';
import { dataRouter } from '../../apps/data-router/src/data-router.service.js';
import { gatewayConfig } from '../../apps/edge-gateway/src/config.js';
import { federationApi } from '../../apps/federation-api/src/federation-api.service.js';
import { grants } from '../../apps/grants/src/grants.service.js';
import { relayConfig } from '../../apps/relay/src/config.js';
import { scannerConfig } from '../../apps/scanner/src/config.js';
import { trustRegistry } from '../../apps/trust-registry/src/trust-registry.service.js';
import { readSettings } from '../../libs/chassis/src/service/read-settings.js';
import { readConfig } from '../../libs/contracts/src/config.js';

export type Environment = Readonly<Record<string, string>>;

/** How each process reads its settings; every setting has a value afterwards, so the answer names them all. */
export const READERS: Readonly<Record<string, (env: Environment) => object>> = {
  'trust-registry': (env) => readSettings(trustRegistry, env),
  grants: (env) => readSettings(grants, env),
  'data-router': (env) => readSettings(dataRouter, env),
  audit: (env) => readSettings(auditService, env),
  'federation-api': (env) => readSettings(federationApi, env),
  'company-agent': (env) => readConfig(agentSettings, env),
  'edge-gateway': gatewayConfig,
  relay: relayConfig,
  scanner: scannerConfig,
};

/** Variables that the process reads none of. Throws, by name, for those that it misses or does not take. */
export const unknownSettings = (app: string, env: Environment): string[] => {
  const known = READERS[app]?.(env) ?? {};
  return Object.keys(env).filter((name) => !Object.hasOwn(known, name));
};
