import { setTimeout as pause } from 'node:timers/promises';
import { pullSealed, type SealedPull } from '@interlock/client';
import type { BrokerClient } from '@interlock/company-side';
import type { Agreement } from '@interlock/domain';
import { aBroker, type TestBroker } from './a-broker.js';
import { aRegion, type TestRegion } from './a-region.js';
import { type Companies, must, published } from './two-companies.js';

/** A region, the broker, and the two companies. */
export interface World {
  readonly region: TestRegion;
  readonly broker: TestBroker;
  readonly companies: Companies;
  dispose(): Promise<void>;
}

export async function aWorld(): Promise<World> {
  const region = await aRegion('eu-1');
  const broker = await aBroker([region]);
  const companies = await published(broker);
  const dispose = async () => {
    await broker.stop();
    await region.dispose();
  };
  return { region, broker, companies, dispose };
}

/** The vendor's own pull, as its client library does it. */
export async function pullOf(
  { region, companies }: World,
  agreement: Agreement,
  client?: BrokerClient,
): Promise<SealedPull> {
  const { recipient, vendor } = companies.who;
  return must(
    await pullSealed({
      broker: client ?? companies.pipeline,
      organisation: vendor.organisation,
      agreement,
      ring: () => companies.ring,
      region: region.name,
      endpoint: { host: '127.0.0.1', port: region.port },
      opener: { kid: recipient.signer.kid, key: recipient.key },
      now: Date.now,
    }),
  );
}

/** Waits for a fact, not for time. */
export async function until<T>(
  what: string,
  holds: () => Promise<T | undefined> | T | undefined,
  ms = 15_000,
): Promise<T> {
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const value = await holds();
    if (value !== undefined && value !== false) return value;
    await pause(20);
  }
  throw new Error(`within ${ms} ms it did not come true that ${what}`);
}
