import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addGateway, readCertificates, readEntities } from '@interlock/company-side';
import type { Standing } from '@interlock/contracts';
import type { Agreement, LocalId, Signed } from '@interlock/domain';
import { newPrivateKey, publicJwkOf } from '@interlock/proof';
import { PRESS } from '../src/up/demo-companies.js';
import type { companyPrograms } from './start-programs.js';
import type { TwoCompanies } from './two-companies.js';

const GATEWAY = 'standby-gateway' as LocalId;
const SSH = 'ssh' as LocalId;

/** The buyer's gateway as a program of its own, started with the broker dead: it has the standing of the agreement on its disk, and nothing says "still agreed". */
export async function gatewayWithoutBroker(
  { vendor, buyer, broker }: TwoCompanies,
  programs: ReturnType<typeof companyPrograms>,
  agreement: Agreement,
  ports: { readonly relay: number; readonly machine: number },
): Promise<{ readonly folder: string }> {
  const host = '127.0.0.1';
  const { folder } = await addGateway(buyer.dir, {
    ...{ id: GATEWAY, resources: [PRESS], relays: [{ host, port: ports.relay }], regions: [] },
    targets: [{ resource: PRESS, service: SSH, host, port: ports.machine }],
    // Nobody listens there.
    broker: { origin: 'http://127.0.0.1:9', ticketKey: publicJwkOf(newPrivateKey()) },
    now: Date.now(),
  });
  const signed = broker.agreements.get(agreement.id)?.[0]?.signed as Signed<Agreement>;
  const standing: Standing = {
    ...{ agreementId: agreement.id, agreement: signed },
    entities: [vendor, buyer].flatMap(({ dir }) => [...readEntities(dir)].slice(-1)),
    certificates: [vendor, buyer].flatMap(({ dir }) => [...readCertificates(dir)]),
    ...{ acts: [], statusLists: [], verdicts: [], annexes: [], flows: [] },
  };
  mkdirSync(join(folder, 'state', 'standings'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'state', 'standings', `${agreement.id}.json`), JSON.stringify(standing));
  await programs.start('edge-gateway', { GATEWAY_FOLDER: folder, INTERLOCK_PARENT_PIPE: '0' });
  return { folder };
}
