import { ConfigurationError, readConfig } from '@interlock/contracts';
import { z } from 'zod';
import type { Log, StartRole } from './running-role.js';
import { stayUntilTold } from './stay-until-told.js';

/** Loaded when asked for: a press needs no identity provider in its memory. */
const ROLES: Readonly<Record<string, () => Promise<StartRole>>> = {
  oidc: async () => (await import('./oidc/start-oidc.js')).startOidc,
  press: async () => (await import('./press/start-press.js')).startPress,
  analytics: async () => (await import('./analytics/start-analytics.js')).startAnalytics,
};
/** A role that does not end within this time is left; whoever started it sees exit code 1. */
const LONGEST_END_MS = 5_000;

const log: Log = (event, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`);
};

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
  if (!load) throw new ConfigurationError([`a role is needed: node main.js ${Object.keys(ROLES).join('|')}`]);
  const { INTERLOCK_PARENT_PIPE } = readConfig({ INTERLOCK_PARENT_PIPE: z.enum(['0', '1']).default('0') }, process.env);
  const role = await (await load())(args, process.env, log);
  process.stdout.write(`${JSON.stringify({ ready: name, ...role.ready })}\n`);
  await stayUntilTold(role, { signals: process, stdin: process.stdin, parentPipe: INTERLOCK_PARENT_PIPE === '1' });
}

// A reader of our output that went away is no reason to end a machine.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`demo-peers: ${message}\n`);
    process.exit(error instanceof ConfigurationError ? 2 : 1);
  },
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => setTimeout(() => process.exit(1), LONGEST_END_MS).unref());
}
