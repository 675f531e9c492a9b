import { addPin, ownPin, readCertificates, readEntities, setBrokerKeys } from '@interlock/company-side';
import { newPrivateKey, publicJwkOf } from '@interlock/proof';
import { type CompanyPlace, makeCompanies } from '../src/up/start-companies.js';
import { trialState } from '../src/up/trial-state.js';
import { SmallBroker } from './small-broker.js';

export const BROKER = 'broker.example';

/** Two companies' own folders, pinned to each other, with a broker that has what both publish. */
export interface TwoCompanies {
  readonly broker: SmallBroker;
  readonly brokerOrigin: string;
  readonly logKey: ReturnType<typeof newPrivateKey>;
  readonly vendor: CompanyPlace;
  readonly buyer: CompanyPlace;
}

/** @param folder where the companies' folders are made */
export async function twoCompanies(folder: string): Promise<TwoCompanies> {
  const broker = new SmallBroker();
  const brokerOrigin = await broker.start();
  const state = await trialState(folder);
  const { vendor, buyer } = await makeCompanies({ dir: folder, state, brokerOrigin, now: Date.now() });
  const logKey = newPrivateKey();
  for (const [mine, theirs] of [
    [vendor, buyer],
    [buyer, vendor],
  ] as const) {
    addPin(mine.dir, ownPin(theirs.dir).organisation, ownPin(theirs.dir).root);
    setBrokerKeys(mine.dir, { name: BROKER, logKey: publicJwkOf(logKey), ticketKey: publicJwkOf(logKey) });
    publish(broker, mine.dir);
  }
  return { broker, brokerOrigin, logKey, vendor, buyer };
}

/** What a running agent would have published of its folder. */
export function publish(broker: SmallBroker, dir: string): void {
  const { root } = ownPin(dir);
  broker.published.set(root, { entities: [...readEntities(dir)], certificates: [...readCertificates(dir)] });
}
