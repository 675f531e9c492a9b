import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type BrokerKeys,
  makePrivateFolder,
  readBrokerKeys,
  readJsonIfThere,
  readPins,
  readSettings,
  writeDurably,
} from '@interlock/company-side';
import { organisationId, publicJwk, thumbprint } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import type { Pins } from '@interlock/proof';
import type { Command } from 'commander';
import { z } from 'zod';
import { WrongUsage } from '../perform.js';

/** Where this program keeps a person's logins and what the company gave for this computer. */
export const personFolder = (home?: string): string => home ?? join(homedir(), '.config', 'interlock');

export const withHome = (command: Command): Command =>
  command.option('--home <folder>', 'where logins are kept; ~/.config/interlock where left out');

const session = z.strictObject({
  agent: z.url(),
  person: z.string(),
  accessToken: z.string(),
  expiresAt: z.number(),
});
/** A login at the own company's agent; worth as much as a browser that is logged in there, and ends after an hour. */
export type KeptSession = z.infer<typeof session>;

const fileOf = (home: string, agent: string): string =>
  join(home, `session-${createHash('sha256').update(agent).digest('hex').slice(0, 16)}.json`);

/** Only its owner can read the file: whoever reads it is that person for an hour. */
export function keepSession(home: string, kept: KeptSession): void {
  makePrivateFolder(home);
  writeDurably(fileOf(home, kept.agent), JSON.stringify(kept));
  writeDurably(join(home, 'agent'), kept.agent);
}

export function readSession(home: string, agent: string, now: number): KeptSession {
  const read = session.safeParse(readJsonIfThere(fileOf(home, agent)));
  if (!read.success || read.data.expiresAt <= now)
    throw new WrongUsage(`you are not logged in at ${agent}, or no longer; run "interlock login --agent ${agent}"`);
  return read.data;
}

const connector = z.strictObject({
  v: z.literal(1),
  organisation: organisationId,
  agentOrigin: z.url(),
  brokerOrigin: z.url(),
  pins: z.array(z.strictObject({ organisation: organisationId, root: thumbprint })).min(1),
  /** Who signs the logs; not in a file of before the broker's keys were recorded. */
  log: z.strictObject({ name: z.string().min(1).max(200), logKey: publicJwk }).optional(),
});

/** What a connector needs of its own company: its name, where its agent and broker are, and the roots it compared out of band. */
export interface ConnectorSettings {
  readonly organisation: OrganisationId;
  readonly agentOrigin: string;
  readonly brokerOrigin: string;
  readonly pins: Pins;
  readonly log?: Pick<BrokerKeys, 'name' | 'logKey'> | undefined;
}

/** The connector file for the computers of a company's people. It holds no secret, and must come from the company itself. */
export function connectorFile(dir: string): string {
  const { organisation, agentOrigin, brokerOrigin } = readSettings(dir);
  const pins = [...readPins(dir)].map(([name, root]) => ({ organisation: name, root }));
  const keys = readBrokerKeys(dir);
  const log = keys && { name: keys.name, logKey: keys.logKey };
  return `${JSON.stringify({ v: 1, organisation, agentOrigin, brokerOrigin, pins, log }, null, 2)}\n`;
}

/** Reads what the company gave for this computer: its connector file, or its folder where that is on this machine. */
export function connectorSettings(
  from: { readonly connector: string } | { readonly company: string },
): ConnectorSettings {
  if ('company' in from) {
    const { organisation, agentOrigin, brokerOrigin } = readSettings(from.company);
    return { organisation, agentOrigin, brokerOrigin, pins: readPins(from.company), log: readBrokerKeys(from.company) };
  }
  const read = connector.safeParse(readJsonIfThere(from.connector));
  if (!read.success)
    throw new WrongUsage(
      `${from.connector} is not a connector file; ask your company for one ("interlock agent connector-file") and give --connector`,
    );
  return { ...read.data, pins: new Map(read.data.pins.map((pin) => [pin.organisation, pin.root])) };
}
