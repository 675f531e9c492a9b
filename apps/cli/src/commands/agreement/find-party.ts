import { ownPin, readEntities } from '@interlock/company-side';
import type { Party } from '@interlock/domain';
import { digestOf, verifyEntity } from '@interlock/proof';
import { type CompanyBroker, companyBroker, publishedBy } from '../company-broker.js';
import { WrongUsage } from '../perform.js';
import { readJsonFile } from '../read-arguments.js';
import type { FindParty } from './gather-wish.js';

/**
 * Learns a party from its newest entity document, as it publishes it or from a file it handed over. Either way the document must verify
 * under the root that was compared out of band; throws with what to do where it does not.
 */
export function findParty(dir: string, entityFile: string | undefined, now: number): FindParty {
  return async (organisation, role) => {
    const own = ownPin(dir);
    if (organisation === own.organisation) {
      const entity = readEntities(dir).at(-1);
      if (!entity) throw new WrongUsage(`${dir} has no entity document; run "interlock agent init"`);
      return { organisation, role, root: own.root, entity: digestOf(entity.document) };
    }
    const company = companyBroker(dir, () => now);
    const root = company.pins.get(organisation);
    if (!root) throw new WrongUsage(`${organisation} is not pinned; run "interlock partner pin" first`);
    const shown = entityFile === undefined ? await newestPublished(company, organisation) : readJsonFile(entityFile);
    const verified = await verifyEntity(shown, company.pins, now);
    if (!verified.allowed || verified.value.document.organisation !== organisation)
      throw new Error(`the entity document of ${organisation} does not verify under its pinned root`);
    return { organisation, role, root, entity: verified.value.digest };
  };
}

async function newestPublished(company: CompanyBroker, organisation: Party['organisation']): Promise<unknown> {
  const published = await publishedBy(company, organisation);
  const newest = published.allowed
    ? [...published.value.entities].sort((a, b) => b.document.sequence - a.document.sequence)[0]
    : undefined;
  if (!newest)
    throw new Error(
      `${organisation} has published nothing yet; wait until its agent runs, or give --partner-entity FILE`,
    );
  return newest;
}
