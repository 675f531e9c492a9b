import { join } from 'node:path';
import { addGateway, layout, readBrokerKeys, readJsonIfThere, readSettings } from '@interlock/company-side';
import { provisioning, signed, signedCertificate } from '@interlock/contracts';
import type { LocalId, Provisioning } from '@interlock/domain';
import { WrongUsage } from '../perform.js';

/** What is left out stays as it was when the gateway was provisioned before. */
export interface ProvisionOptions {
  readonly targets?: Provisioning['targets'];
  /** Resources without a target of their own; those with one are always there. */
  readonly resources?: readonly LocalId[];
  readonly sources?: Provisioning['sources'];
  readonly relays?: Provisioning['relays'];
  readonly regions?: Provisioning['regions'];
  readonly scrub?: readonly string[];
  readonly inspects?: boolean;
  readonly now: number;
}

/** Makes or renews the folder that is carried to a gateway, with today's pins and the broker's recorded ticket key. */
export async function provisionGateway(
  dir: string,
  id: LocalId,
  options: ProvisionOptions,
): Promise<{ readonly folder: string; readonly resources: readonly LocalId[] }> {
  const { brokerOrigin } = readSettings(dir);
  const keys = readBrokerKeys(dir);
  if (!keys) throw new WrongUsage('the keys of the broker are not recorded; run "interlock agent broker-keys" first');
  const before = provisionedBefore(dir, id);
  const targets = options.targets ?? before?.targets ?? [];
  const sources = options.sources ?? before?.sources ?? [];
  const named = [...targets, ...sources].map(({ resource }) => resource);
  const resources = [...new Set([...named, ...(options.resources ?? [])])];
  if (resources.length === 0) throw new WrongUsage('a gateway enforces for something: give --target or --resource');
  const { folder } = await addGateway(dir, {
    id,
    resources,
    targets,
    ...(sources.length > 0 && { sources }),
    relays: options.relays ?? before?.relays ?? [],
    regions: options.regions ?? before?.regions ?? [],
    scrub: options.scrub ?? before?.scrub ?? [],
    inspects: options.inspects ?? isInspector(dir, id),
    broker: { origin: brokerOrigin, ticketKey: keys.ticketKey },
    now: options.now,
  });
  return { folder, resources };
}

function isInspector(dir: string, id: LocalId): boolean {
  const read = readJsonIfThere(join(layout(dir).gateway(id), 'certificate.json'));
  return read !== undefined && signedCertificate.parse(read).document.purposes.includes('inspect');
}

function provisionedBefore(dir: string, id: LocalId): Provisioning | undefined {
  const read = readJsonIfThere(join(layout(dir).gateway(id), 'provisioning.json'));
  return read === undefined ? undefined : signed(provisioning).parse(read).document;
}
