import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ConfigurationError, readConfig } from '@interlock/contracts';
import ssh2 from 'ssh2';
import { z } from 'zod';
import { keepSecret } from '../keep-secret.js';
import type { Environment, StartRole } from '../running-role.js';
import { type CallAnalytics, callEvery, loadCallAnalytics } from './call-analytics.js';
import { callThroughGateway } from './call-through-gateway.js';
import { LivePress } from './live-press.js';
import { newHostKey } from './new-host-key.js';
import { readPressSettings } from './press-settings.js';
import { recordedTelemetry } from './recorded-telemetry.js';
import { simulatedTelemetry } from './simulated-telemetry.js';
import { serveSsh } from './ssh-server.js';
import { serveTelemetry } from './telemetry-adapter.js';
import type { TelemetrySource } from './telemetry-source.js';

const port = z.coerce.number().int().min(0).max(65_535).default(0);
const SETTINGS = {
  PRESS_HOST: z.string().default('127.0.0.1'),
  PRESS_SSH_PORT: port,
  PRESS_TELEMETRY_PORT: port,
  /** Folder of the press's own; its SSH host key is made and kept here. */
  PRESS_FOLDER: z.string(),
  PRESS_SETTINGS_FILE: z.string(),
  PRESS_TELEMETRY_INTERVAL_MS: z.coerce.number().int().min(20).max(60_000).default(250),
  /** A recording to play in place of the simulated telemetry; `--telemetry FILE` says the same. */
  PRESS_TELEMETRY_FILE: z.string().optional(),
  PRESS_TELEMETRY_SPEED: z.coerce.number().positive().max(1_000_000).default(1),
  /** Module file that exports `callAnalytics` (see call-analytics.ts); without it the press calls nobody. */
  PRESS_CALL_ANALYTICS: z.string().optional(),
  /** Folder of the machine's own certified key: with it the press calls as itself, once its company lays a `call.json` there. */
  PRESS_MACHINE_FOLDER: z.string().optional(),
  PRESS_CALL_ANALYTICS_SECONDS: z.coerce.number().min(0.1).max(86_400).default(10),
};

const hookOf = async (module: string | undefined, folder: string | undefined): Promise<CallAnalytics | undefined> =>
  module !== undefined ? loadCallAnalytics(module) : folder === undefined ? undefined : callThroughGateway(folder);

/** A simulated press: SSH console and MTConnect adapter on one live state. `--telemetry FILE [--speed N]` plays a recording instead. */
export const startPress: StartRole = async (args, env, log) => {
  const config = readConfig(SETTINGS, withArguments(args, env));
  const settings = await readPressSettings(config.PRESS_SETTINGS_FILE);
  const hook = await hookOf(config.PRESS_CALL_ANALYTICS, config.PRESS_MACHINE_FOLDER);
  const press = new LivePress(settings, Date.now());
  const source = await sourceOf(press, config);
  const hostKey = await keepSecret(config.PRESS_FOLDER, 'ssh_host_ed25519_key', () => newHostKey().private);
  const host = config.PRESS_HOST;
  const ssh = await serveSsh(press, source, { host, port: config.PRESS_SSH_PORT, hostKey }, log);
  const telemetry = await serveTelemetry(source, { host, port: config.PRESS_TELEMETRY_PORT }, log).catch(
    async (error: unknown) => {
      await ssh.close();
      throw error;
    },
  );
  const running = setInterval(() => press.runTo(Date.now()), 100);
  const schedule = { everyMs: config.PRESS_CALL_ANALYTICS_SECONDS * 1_000, now: Date.now };
  const stopCalling = hook ? callEvery(hook, press, schedule, log) : () => {};
  return {
    ready: { ssh: ssh.port, telemetry: telemetry.port, machine: settings.machine, ...publicHostKey(hostKey) },
    close: async () => {
      clearInterval(running);
      stopCalling();
      await Promise.all([ssh.close(), telemetry.close()]);
    },
  };
};

function withArguments(args: readonly string[], env: Environment): Environment {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { telemetry: { type: 'string' }, speed: { type: 'string' } },
    });
    return {
      ...env,
      PRESS_TELEMETRY_FILE: values.telemetry ?? env.PRESS_TELEMETRY_FILE,
      PRESS_TELEMETRY_SPEED: values.speed ?? env.PRESS_TELEMETRY_SPEED,
    };
  } catch {
    throw new ConfigurationError(['usage: node main.js press [--telemetry FILE] [--speed FACTOR]']);
  }
}

const sourceOf = async (
  press: LivePress,
  config: {
    PRESS_TELEMETRY_FILE?: string | undefined;
    PRESS_TELEMETRY_SPEED: number;
    PRESS_TELEMETRY_INTERVAL_MS: number;
  },
): Promise<TelemetrySource> =>
  config.PRESS_TELEMETRY_FILE
    ? recordedTelemetry(config.PRESS_TELEMETRY_FILE, config.PRESS_TELEMETRY_SPEED)
    : simulatedTelemetry(press, config.PRESS_TELEMETRY_INTERVAL_MS, Date.now);

/** What a client pins: the known_hosts form of the key, and OpenSSH's fingerprint of it. */
function publicHostKey(hostKey: string): { hostKey: string; hostKeyFingerprint: string } {
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw new ConfigurationError([`PRESS_FOLDER: ssh_host_ed25519_key: ${key.message}`]);
  const bytes = key.getPublicSSH();
  const digest = createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '');
  return { hostKey: `${key.type} ${bytes.toString('base64')}`, hostKeyFingerprint: `SHA256:${digest}` };
}
