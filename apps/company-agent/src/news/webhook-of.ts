import { readFileSync } from 'node:fs';
import { type TlsFiles, webhookKey } from '@interlock/company-side';
import { ConfigurationError } from '@interlock/contracts';
import type { AgentSettings } from '../settings.js';

/** Where the company is told its news, and what signs them. */
export interface Webhook {
  readonly to: URL;
  readonly key: Buffer;
  readonly tls: TlsFiles;
}

type Settings = Pick<AgentSettings, 'AGENT_WEBHOOK' | 'AGENT_WEBHOOK_SECRET_FILE' | 'AGENT_WEBHOOK_CA_FILE'>;

/** The webhook of the settings, undefined where there is none. Throws ConfigurationError where it could not be signed. */
export function webhookOf(settings: Settings): Webhook | undefined {
  const { AGENT_WEBHOOK: to, AGENT_WEBHOOK_SECRET_FILE: secret, AGENT_WEBHOOK_CA_FILE: ca } = settings;
  if (to === undefined) return undefined;
  if (secret === undefined) throw new ConfigurationError(['AGENT_WEBHOOK is signed: set AGENT_WEBHOOK_SECRET_FILE']);
  const key = webhookKey(fileOf('AGENT_WEBHOOK_SECRET_FILE', secret).trim());
  return { to: new URL(to), key, tls: ca === undefined ? {} : { ca: fileOf('AGENT_WEBHOOK_CA_FILE', ca) } };
}

function fileOf(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigurationError([`${setting} names a file that cannot be read`]);
  }
}
