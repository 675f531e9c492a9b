import { HTTPS_ELSEWHERE, isSafeWebAddress, organisationId, publicJwk, thumbprint } from '@interlock/contracts';
import type { OrganisationId, PublicJwk, Thumbprint } from '@interlock/domain';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const settings = z.strictObject({
  v: z.literal(1),
  organisation: organisationId,
  name: z.string().min(1).max(200),
  jurisdiction: z.string().regex(/^[A-Z]{2}$/),
  agentOrigin: z.url({ protocol: /^https?$/ }),
  brokerOrigin: z.url({ protocol: /^https?$/ }),
  identityProvider: z.strictObject({ issuer: z.url(), clientId: z.string().min(1) }),
  /** Number of the one writer that signs acts and beats. A restored agent takes the next one. */
  epoch: z.number().int().min(1),
});
export type CompanySettings = z.infer<typeof settings>;

/** Throws where the folder is none, or where it names another machine in plain text. */
export function readSettings(dir: string): CompanySettings {
  const read = settings.safeParse(readJsonIfThere(layout(dir).settings));
  if (!read.success) throw new Error(`${dir} is not a company folder; make one with "interlock agent init"`);
  const { agentOrigin, brokerOrigin, identityProvider } = read.data;
  for (const [name, value] of Object.entries({ agentOrigin, brokerOrigin, issuer: identityProvider.issuer })) {
    if (!isSafeWebAddress(value)) throw new Error(`${layout(dir).settings}: ${name} ${HTTPS_ELSEWHERE}`);
  }
  return read.data;
}

export const writeSettings = (dir: string, value: CompanySettings): void =>
  writeDurably(layout(dir).settings, `${JSON.stringify(settings.parse(value), null, 2)}\n`);

const pins = z.array(
  z.strictObject({ organisation: organisationId, root: thumbprint, learned: z.enum(['own', 'out-of-band']) }),
);

/** Root thumbprints that were compared out of band, and the company's own. Nothing the broker says ever gets here. */
export function readPins(dir: string): ReadonlyMap<OrganisationId, Thumbprint> {
  const read = pins.parse(readJsonIfThere(layout(dir).pins) ?? []);
  return new Map(read.map((pin) => [pin.organisation, pin.root]));
}

export function writePins(dir: string, own: OrganisationId, value: ReadonlyMap<OrganisationId, Thumbprint>): void {
  const list = [...value].map(([organisation, root]) => ({
    organisation,
    root,
    learned: organisation === own ? ('own' as const) : ('out-of-band' as const),
  }));
  writeDurably(layout(dir).pins, `${JSON.stringify(list, null, 2)}\n`);
}

const broker = z.strictObject({
  /** The name its logs carry as origin. */
  name: z.string().min(1).max(200),
  ticketKey: publicJwk,
  logKey: publicJwk,
});
/** Public keys of the broker. They let it deny and let its log be checked; none of them can allow anything. */
export interface BrokerKeys {
  readonly name: string;
  readonly ticketKey: PublicJwk;
  readonly logKey: PublicJwk;
}

export function readBrokerKeys(dir: string): BrokerKeys | undefined {
  const read = readJsonIfThere(layout(dir).broker);
  return read === undefined ? undefined : broker.parse(read);
}

/** Remembers the broker's keys. A changed log key is another log: the witness would have nothing to be consistent with. */
export function setBrokerKeys(dir: string, value: BrokerKeys): void {
  const before = readBrokerKeys(dir);
  if (before && JSON.stringify(before) !== JSON.stringify(broker.parse(value))) {
    throw new Error('another broker is recorded here; a log key is not replaced silently');
  }
  writeDurably(layout(dir).broker, `${JSON.stringify(broker.parse(value), null, 2)}\n`);
}
