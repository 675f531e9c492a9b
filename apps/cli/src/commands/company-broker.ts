import {
  type BrokerClient,
  type BrokerKeys,
  brokerClient,
  fetchFile,
  layout,
  newNonce,
  readBrokerKeys,
  readCertificates,
  readEntities,
  readPins,
  readSeen,
  readSettings,
  readSigner,
} from '@interlock/company-side';
import { publishedDocuments } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type OrganisationId, refuse } from '@interlock/domain';
import { type KeyRing, type Pins, type SeenCheckpoint, trust } from '@interlock/proof';
import type { z } from 'zod';

/** Where the history of a company's agreements is read, and what its answers are held against. */
export interface HistorySource {
  readonly organisation: OrganisationId;
  readonly pins: Pins;
  readonly broker: Pick<BrokerClient, 'get'>;
  /** Which keys of the broker sign logs; undefined where nobody wrote them down here. */
  readonly brokerKeys: Pick<BrokerKeys, 'name' | 'logKey'> | undefined;
  /** One file of the broker, as its bytes. */
  file(target: string): Promise<Decision<Buffer>>;
  /** What the company's own witness saw last of a log; none where nobody here can look into its folder. */
  readonly seen?: (log: AgreementId) => SeenCheckpoint | undefined;
  now(): number;
}

/** A company's folder with the line to its broker: whoever holds the agent's key may ask what the agent may ask. */
export interface CompanyBroker extends HistorySource {
  readonly dir: string;
  readonly broker: BrokerClient;
}

/** Opens the folder with the running agent's own key, beside the agent. What the broker answers is a stranger's word. */
export function companyBroker(dir: string, now: () => number = Date.now): CompanyBroker {
  const { organisation, brokerOrigin } = readSettings(dir);
  const signer = readSigner(layout(dir).keys, 'agent', organisation);
  const line = { origin: brokerOrigin, signer, now, newId: newNonce };
  return {
    dir,
    organisation,
    pins: readPins(dir),
    broker: brokerClient(line),
    brokerKeys: readBrokerKeys(dir),
    file: (target) => fetchFile(line, target),
    seen: (log) => readSeen(dir, log),
    now,
  };
}

type Published = z.infer<typeof publishedDocuments>;

/** What a pinned partner publishes, asked for by its pinned root. Refused where it is not pinned here. */
export async function publishedBy(
  company: HistorySource | CompanyBroker,
  organisation: OrganisationId,
): Promise<Decision<Published>> {
  if (organisation === company.organisation && 'dir' in company) {
    const entities = [...readEntities(company.dir)].slice(-16);
    return allow({ entities, certificates: [...readCertificates(company.dir)] });
  }
  const root = company.pins.get(organisation);
  if (!root) return refuse('not_pinned', { clause: organisation });
  return company.broker.get(`/v1/entities/${root}`, publishedDocuments);
}

/** The keys of these organisations: their own documents, verified under the roots that were compared out of band. */
export async function keysOf(
  company: HistorySource,
  organisations: readonly OrganisationId[],
): Promise<Decision<KeyRing>> {
  const all: Published = { entities: [], certificates: [] };
  for (const organisation of new Set(organisations)) {
    const published = await publishedBy(company, organisation);
    if (!published.allowed) return published;
    all.entities.push(...published.value.entities);
    all.certificates.push(...published.value.certificates);
  }
  return trust(all.entities, all.certificates, company.pins, company.now());
}
