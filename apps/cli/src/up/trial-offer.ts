import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownPin, readJsonIfThere, writeDurably } from '@interlock/company-side';
import { publicJwk } from '@interlock/contracts';
import { z } from 'zod';
import { WrongUsage } from '../commands/perform.js';
import { readBrokerKeyFiles } from './broker-keys.js';
import { BROKER_NAME } from './start-broker.js';
import { type CompanyPlace, tellBrokerKeys } from './start-companies.js';

const offer = z.strictObject({
  v: z.literal(1),
  broker: z.strictObject({ name: z.string().min(1), origin: z.url(), ticketKey: publicJwk, logKey: publicJwk }),
  relay: z.strictObject({ host: z.string().min(1), port: z.number().int() }),
});
/** What the operator of a broker hands to a company that joins: where it is, its public keys, and a relay. Nothing of it can allow. */
export type TrialOffer = z.infer<typeof offer>;

/**
 * Tells each company of the trial which keys the broker signs tickets and checkpoints with, and lays the same into the trial's folder for a
 * company that joins, beside the pin of each company as that company would hand it over itself.
 */
export function introduceBroker(
  dir: string,
  { brokerOrigin: origin, keys, relayPort: port }: { brokerOrigin: string; keys: string; relayPort: number },
  companies: readonly CompanyPlace[],
): void {
  const broker = { name: BROKER_NAME, origin, ...readBrokerKeyFiles(keys) };
  const value: TrialOffer = { v: 1, broker, relay: { host: '127.0.0.1', port } };
  writeDurably(join(dir, 'offer.json'), `${JSON.stringify(value, null, 2)}\n`, 0o644);
  mkdirSync(join(dir, 'pins'), { recursive: true });
  for (const company of companies) {
    tellBrokerKeys(company, keys);
    const pin = ownPin(company.dir);
    writeDurably(join(dir, 'pins', `${pin.organisation}.json`), `${JSON.stringify(pin)}\n`, 0o644);
  }
}

export function readOffer(dir: string): TrialOffer {
  const read = offer.safeParse(readJsonIfThere(join(dir, 'offer.json')));
  if (!read.success) throw new WrongUsage(`${dir} is not the folder of a trial that runs; start one with "npm start"`);
  return read.data;
}
