import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import { freePorts } from '@interlock/trial';
import { z } from 'zod';

const PORTS = [
  'api',
  'region',
  'furtherRegion',
  'relay',
  'vendorAgent',
  'buyerAgent',
  'vendorOidc',
  'buyerOidc',
  'ssh',
  'shdr',
  'analytics',
  'plantGateway',
  'plantDoor',
  'vendorGateway',
] as const;
type PortName = (typeof PORTS)[number];

const port = z.number().int().min(1).max(65_535);
const state = z.object({
  v: z.literal(1),
  // A folder of an earlier start may know fewer.
  ports: z.partialRecord(z.enum(PORTS), port),
  /** Passwords that this trial made for itself: roles of its database, people of its companies, the machine's own account. */
  secrets: z.record(z.string(), z.string()),
});

const EMPTY: z.infer<typeof state> = { v: 1, ports: {}, secrets: {} };

/** What one data folder keeps from start to start, so that the companies' documents go on naming the right origins. */
export interface TrialState {
  port(name: PortName): number;
  /** A secret of this trial; made at the first asking, and kept. */
  secret(name: string): string;
}

/** Reads or makes `trial.json` in the data folder. It holds secrets and is readable by its owner alone. */
export async function trialState(dir: string): Promise<TrialState> {
  const file = join(dir, 'trial.json');
  const kept = existsSync(file) ? state.parse(JSON.parse(readFileSync(file, 'utf8'))) : structuredClone(EMPTY);
  const ports = await withFree(kept.ports);
  const save = () => writeDurably(file, `${JSON.stringify({ ...kept, ports }, null, 2)}\n`);
  save();
  return {
    port: (name) => ports[name],
    secret: (name) => {
      const known = kept.secrets[name];
      if (known !== undefined) return known;
      const made = randomBytes(18).toString('base64url');
      kept.secrets[name] = made;
      save();
      return made;
    },
  };
}

/** A port of its own for everything that has none yet. */
async function withFree(known: Partial<Record<PortName, number>>): Promise<Record<PortName, number>> {
  const free = await freePorts(PORTS.length);
  return Object.fromEntries(PORTS.map((name, at) => [name, known[name] ?? free[at]])) as Record<PortName, number>;
}
