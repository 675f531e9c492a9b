import { accessSync, constants, readFileSync } from 'node:fs';
import type { HttpProxy } from '@interlock/company-side';
import { isSafeWebAddress } from '@interlock/contracts';
import {
  type AgreementId,
  type Digest,
  type GrantId,
  type Instant,
  type LocalId,
  type OrganisationId,
  parseAction,
  parseAgreementId,
  parseDigest,
  parseGrantId,
  parseLocalId,
  parseOrganisationId,
  parseThumbprint,
  type ResourceRef,
  type Thumbprint,
} from '@interlock/domain';
import { InvalidArgumentError } from 'commander';
import { WrongUsage } from './perform.js';

const PLAIN = 'http:// is for 127.0.0.1, [::1] and localhost alone';

/** A reader of one argument: what `parse` does not know is wrong usage, with what was expected. */
const reader =
  <T>(expected: string, parse: (text: string) => T | undefined) =>
  (text: string): T => {
    const value = parse(text);
    if (value === undefined) throw new InvalidArgumentError(`"${text}" is not ${expected}`);
    return value;
  };

export const organisation: (text: string) => OrganisationId = reader(
  'an organisation (a lower-case domain name such as delta-foods.example)',
  parseOrganisationId,
);
export const localId: (text: string) => LocalId = reader(
  'a local name (lower-case letters, digits and . _ / -)',
  parseLocalId,
);
const action: (text: string) => LocalId = reader('an action such as ssh or modbus:read', parseAction);
export const agreementId: (text: string) => AgreementId = reader('an agreement id (agr_...)', parseAgreementId);
export const grantId: (text: string) => GrantId = reader('a grant id (grt_...)', parseGrantId);
export const digest: (text: string) => Digest = reader('a digest (sha256:...)', parseDigest);
export const thumbprint: (text: string) => Thumbprint = reader('a key thumbprint (43 letters)', parseThumbprint);

export const country: (text: string) => string = reader('a country code of two capital letters', (text) =>
  /^[A-Z]{2}$/.test(text) ? text : undefined,
);

/** An origin such as `https://agent.example`, without path; http on this machine alone. */
export const origin: (text: string) => string = reader(`an origin such as https://agent.example (${PLAIN})`, (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && isSafeWebAddress(text) && url.pathname === '/' && !url.search && !url.hash;
  return plain ? url.origin : undefined;
});

export const webAddress: (text: string) => string = reader(`a web address with https:// (${PLAIN})`, (text) =>
  isSafeWebAddress(text) ? text : undefined,
);

/** An HTTP proxy, such as `http://proxy.plant.example:3128`; a user and a password in it are sent as Basic (RFC 7617). */
export const httpProxy: (text: string) => HttpProxy = reader('a proxy such as http://proxy.example:3128', (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || url.hostname === '') return undefined;
  const said = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = said === ':' ? {} : { authorization: `Basic ${Buffer.from(said).toString('base64')}` };
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 80), ...authorization };
});

export const port: (text: string) => number = reader('a port (1 to 65535)', (text) => {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= 65_535 ? number : undefined;
});

export const wholeNumber: (text: string) => number = reader('a whole number', (text) =>
  /^\d{1,15}$/.test(text) ? Number(text) : undefined,
);

/** A level of the Purdue model: 0 to 5, and 3.5 for the industrial demilitarised zone. */
export const level: (text: string) => number = reader('a Purdue level: 0, 1, 2, 3, 3.5, 4 or 5', (text) =>
  /^([0-5]|3\.5)$/.test(text) ? Number(text) : undefined,
);

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 address may stand in square brackets. */
export const hostPort: (text: string) => HostPort = reader('host:port', (text) => {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const number = Number(text.slice(at + 1));
  return at > 0 && host !== '' && Number.isInteger(number) && number >= 1 && number <= 65_535
    ? { host, port: number }
    : undefined;
});

/** `owner/id`: the organisation that owns a resource, and its own name for it. */
export const resource: (text: string) => ResourceRef = reader(
  'owner/resource, such as delta-foods.example/press-7',
  (text) => {
    const slash = text.indexOf('/');
    const owner = parseOrganisationId(text.slice(0, slash));
    const id = parseLocalId(text.slice(slash + 1));
    return slash > 0 && owner && id ? { owner, id } : undefined;
  },
);

/** Names separated by commas; none where the text is empty. */
export const localIds: (text: string) => readonly LocalId[] = (text) =>
  text === '' ? [] : text.split(',').map((one) => localId(one.trim()));

/** Actions separated by commas: services, a data product, or functions of a service such as `modbus:read`. */
export const actions: (text: string) => readonly LocalId[] = (text) =>
  text === '' ? [] : text.split(',').map((one) => action(one.trim()));

/** Gathers an option that may be given again. */
export const gather =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] | undefined): readonly T[] => [...(before ?? []), read(text)];

const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600, d: 86_400 };

/** A span such as `30min`, `8h` or `90d`, in seconds. */
export const span: (text: string) => number = reader('a span such as 30min, 8h or 90d', (text) => {
  const [, number, unit] = /^(\d{1,6})(s|min|h|d)$/.exec(text) ?? [];
  return number !== undefined && unit !== undefined ? Number(number) * (UNITS[unit] ?? 0) : undefined;
});

/** An instant with its zone said (`2026-06-01T22:00:00Z`, `2026-06-01T22:00+02:00`): a time without a zone is two times. */
export const instant: (text: string) => Instant = reader(
  'a time with its zone, such as 2026-06-01T22:00Z or 2026-06-01T22:00+02:00',
  (text) => {
    const said = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
    const at = said ? Date.parse(text) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  },
);

/** Before anything is opened: a stream tells of a wrong path too late to be answered. */
export function mustBeReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new WrongUsage(`${file} cannot be read; check the path`, { cause });
  }
}

/** The bytes of a file that was named as an argument. */
export function readFileGiven(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new WrongUsage(`${file} cannot be read; check the path`, { cause });
  }
}

/** A file with JSON in it. */
export function readJsonFile(file: string): unknown {
  const text = readFileGiven(file).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WrongUsage(`${file} is not JSON`, { cause });
  }
}
