import { z } from 'zod';

const LOOPBACK_V4 = /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/**
 * Whether what is sent to this host stays on this machine: `localhost` and the loopback addresses (RFC 1122 3.2.1.3, RFC 4291 2.5.3), as
 * the `hostname` of a URL shows them. A name that merely leads there today is a remote one: tomorrow it leads elsewhere.
 */
export const isThisMachine = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || LOOPBACK_V4.test(hostname);

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** A web address whose content nobody on the way reads: https, or http within this machine. */
export const isSafeWebAddress = (text: string): boolean => {
  const url = urlOf(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url.hostname));
};

/** What to do about a web address in plain text. */
export const HTTPS_ELSEWHERE =
  'must be https:// where it is another machine; plain http:// is for 127.0.0.1, [::1] and localhost alone: end TLS in front of the process and name that address';

/** A setting that names a place on the web, http or https. */
export const webLink = () =>
  z.url({ protocol: /^https?$/ }).refine(isSafeWebAddress, { error: HTTPS_ELSEWHERE, abort: true });

const serversOf = (text: string): (URL | undefined)[] => text.split(',').map((one) => urlOf(one.trim()));

/** `nats://user:password@host:port[,...]` within this machine, `tls://...` anywhere; all of one list the same. */
export const busLink = () =>
  z
    .string()
    .refine((text) => serversOf(text).every((url) => url?.protocol === 'nats:' || url?.protocol === 'tls:'), {
      error: 'must be nats://user:password@host:port, or tls://user:password@host:port',
      abort: true,
    })
    .refine((text) => serversOf(text).every((url) => url?.protocol === 'tls:' || isThisMachine(url?.hostname ?? '')), {
      error:
        'must be tls://user:password@host:port where it is another machine; nats:// is for 127.0.0.1, [::1] and localhost alone: give the server a certificate and name the file of its issuer in NATS_CA_FILE',
      abort: true,
    })
    .refine((text) => new Set(serversOf(text).map((url) => url?.protocol)).size === 1, {
      error: 'names servers with TLS and servers without it: write tls:// for all of them',
    });

/** What may stand behind the question mark: there a driver would find another host, or a weaker check, than the one that is read here. */
const TLS_PARAMETERS = {
  sslmode: (value: string) => value === 'verify-full',
  sslrootcert: (value: string) => value.startsWith('/'),
};

function knownParameters(text: string): boolean {
  const given = [...(urlOf(text)?.searchParams ?? [])];
  const known = given.every(
    ([name, value]) => Object.hasOwn(TLS_PARAMETERS, name) && TLS_PARAMETERS[name as 'sslmode'](value),
  );
  const once = new Set(given.map(([name]) => name)).size === given.length;
  return known && once && (given.length === 0 || asksForTls(text)) && !urlOf(text)?.hash;
}

/** Whether a database address, as `databaseLink` takes it, is one with TLS. */
const asksForTls = (text: string): boolean => urlOf(text)?.searchParams.has('sslmode') ?? false;

/**
 * `postgres://role:password@host:port/database` within this machine; anywhere with `?sslmode=verify-full`, and `&sslrootcert=/FILE` where the
 * server's certificate comes from an issuer of one's own (names as in libpq 34.1.2). An unchecked certificate keeps nobody out.
 */
export const databaseLink = () =>
  z
    .string()
    .refine((text) => /^postgres(ql)?:\/\//.test(text) && !!urlOf(text)?.hostname, {
      error: 'must be postgres://role:password@host:port/database',
      abort: true,
    })
    .refine(knownParameters, {
      error: 'takes sslmode=verify-full, with it sslrootcert=/FILE, and no other parameter',
      abort: true,
    })
    .refine((text) => asksForTls(text) || isThisMachine(urlOf(text)?.hostname ?? ''), {
      error:
        'must end in ?sslmode=verify-full where it is another machine; without it is for 127.0.0.1, [::1] and localhost alone: turn ssl on in the server, and name the file of its issuer by &sslrootcert=/FILE',
    });

/** How a driver connects. `ssl.host` is the name that the certificate must carry: drivers compare an IP address with nothing by themselves. */
export interface DatabaseConnection {
  readonly connectionString: string;
  readonly ssl?: { readonly rejectUnauthorized: true; readonly host: string; readonly ca?: string };
}

/**
 * A database address as `databaseLink` takes it, for a driver that shall interpret none of its parameters by itself.
 *
 * @param readFile text of a file; what it throws is thrown on
 */
export function databaseConnection(address: string, readFile: (path: string) => string): DatabaseConnection {
  const url = new URL(address);
  const file = url.searchParams.get('sslrootcert');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = asksForTls(address);
  url.search = '';
  if (!tls) return { connectionString: url.href };
  return { connectionString: url.href, ssl: { rejectUnauthorized: true, host, ...(file && { ca: readFile(file) }) } };
}
