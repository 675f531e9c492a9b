import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Needle } from './search.js';

/** A private key as it lies in a company's folder. */
export interface KeyFile {
  /** Path inside the data folder. */
  readonly name: string;
  /** The secret number itself; every other form of the key contains it. */
  readonly scalar: Buffer;
  /** The lines between the marks of a PEM file; none for other forms. */
  readonly body: readonly string[];
}

const COMPANIES = ['vendor', 'buyer'] as const;

/** Every private key of both companies: offline, running, people's, gateways', machines', workloads', identity providers'. */
export function keysOf(dataFolder: string): KeyFile[] {
  const secrets = JSON.parse(readFileSync(join(dataFolder, 'trial.json'), 'utf8')).secrets as Record<string, string>;
  return COMPANIES.flatMap((word) => {
    const company = join(dataFolder, 'companies', word);
    const pems = filesUnder(company).filter((file) => file.endsWith('.pem'));
    const passphraseOf = (file: string) => secrets[`${word}.${basename(join(file, '..'))}.passphrase`];
    return [
      ...pems.map((file) => pemKey(file, relative(dataFolder, file), passphraseOf(file))),
      ...identityProviderKey(join(company, 'identity-provider', 'oidc-keys.json'), `${word} identity provider`),
    ];
  });
}

function pemKey(file: string, name: string, passphrase: string | undefined): KeyFile {
  const pem = readFileSync(file, 'utf8');
  const key = createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  const body = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  // The later lines of an open key hold its public half, which everybody may know.
  return {
    name,
    scalar: scalarOf(key.export({ format: 'jwk' })),
    body: pem.includes('ENCRYPTED') ? body : body.slice(0, 1),
  };
}

function identityProviderKey(file: string, name: string): KeyFile[] {
  if (!existsSync(file)) return [];
  return [{ name, scalar: scalarOf(JSON.parse(readFileSync(file, 'utf8')).signing), body: [] }];
}

function scalarOf(jwk: { d?: string }): Buffer {
  if (!jwk.d) throw new Error('a private key without its private part');
  return Buffer.from(jwk.d, 'base64url');
}

export const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });

/** All forms in which the key could lie somewhere. The raw number also finds DER; its base64 also finds base64 of DER and JWK. */
export function needlesOf({ name, scalar, body }: KeyFile): Needle[] {
  const hex = scalar.toString('hex');
  const forms: [string, string | Uint8Array][] = [
    ['raw', scalar],
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['JSON bytes', [...scalar].join(',')],
    ...[0, 1, 2].flatMap((shift): [string, string][] => [
      [`base64 +${shift}`, inBase64(scalar, shift, 'base64')],
      [`base64url +${shift}`, inBase64(scalar, shift, 'base64url')],
    ]),
    ...body.filter((line) => line.length >= 40).map((line): [string, string] => ['PEM', line]),
  ];
  return forms.map(([form, bytes]) => ({ name: `${name} (${form})`, bytes: Buffer.from(bytes as string) }));
}

/** The letters that these bytes become wherever `shift` bytes stand before them in their group of three. */
function inBase64(bytes: Buffer, shift: number, alphabet: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(alphabet);
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}
