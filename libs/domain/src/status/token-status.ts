import { type HeldAct, liftedBy } from '../act/standing.js';
import { standsFor } from '../agreement/identity-provider.js';
import type { Agreement } from '../documents/agreement.js';
import type { ListedAs, StatusBits } from '../documents/right.js';
import type { LocalId, OrganisationId, Thumbprint } from '../names.js';

/** Values of a status (IETF Token Status List, section 7.1). Any other value is no. */
export const VALID = 0;
export const INVALID = 1;
export const SUSPENDED = 2;

/** The unpacked list of one organisation in one agreement, and the address under which it is published. */
export interface TokenStatuses {
  readonly uri: string;
  readonly bits: StatusBits;
  readonly bytes: Uint8Array;
}

/** The value at an index, counted from the least significant bit (section 4.1); undefined beyond the list. */
export function statusAt({ bits, bytes }: Pick<TokenStatuses, 'bits' | 'bytes'>, idx: number): number | undefined {
  if (!Number.isSafeInteger(idx) || idx < 0) return undefined;
  const each = 8 / bits;
  const byte = bytes[Math.floor(idx / each)];
  return byte === undefined ? undefined : (byte >> ((idx % each) * bits)) & (2 ** bits - 1);
}

/** Packs values into `length` entries; what is not named is VALID. Values beyond the list or too wide for an entry are a fault of the caller. */
export function packStatuses(values: ReadonlyMap<number, number>, length: number, bits: StatusBits): Uint8Array {
  const each = 8 / bits;
  const bytes = new Uint8Array(Math.ceil(length / each));
  for (const [idx, value] of values) {
    const at = Math.floor(idx / each);
    const byte = bytes[at];
    if (byte === undefined || value < 0 || value >= 2 ** bits)
      throw new RangeError(`no entry ${idx} of value ${value}`);
    bytes[at] = byte | (value << ((idx % each) * bits));
  }
  return bytes;
}

/** Every index that a list calls INVALID. */
export function invalidIn({ bits, bytes }: Pick<TokenStatuses, 'bits' | 'bytes'>): readonly number[] {
  const [each, found] = [8 / bits, [] as number[]];
  bytes.forEach((byte, at) => {
    if (byte === 0) return;
    for (let entry = 0; entry < each; entry += 1)
      if (((byte >> (entry * bits)) & (2 ** bits - 1)) === INVALID) found.push(at * each + entry);
  });
  return found;
}

/** The name by which a receiver remembers that an entry was INVALID. The list may be published elsewhere one day; the entry stays what it was. */
export const listedName = (organisation: OrganisationId, idx: number): string => `login ${organisation} ${idx}`;

/** What is held of the lists of logins: the newest of each organisation, and all that any of them ever called INVALID. */
export interface HeldStatuses {
  readonly invalid: ReadonlySet<string>;
  readonly statuses?: ReadonlyMap<OrganisationId, TokenStatuses> | undefined;
}

/**
 * Whether a login proof may be relied on by its entry (section 8.3): the list is held, is the one the proof names, reaches as far, says VALID, and
 * never said INVALID. A proof that names no list is judged by everything else.
 */
export function listedFault(
  issuer: OrganisationId,
  listed: ListedAs | undefined,
  { invalid, statuses }: HeldStatuses,
): 'unknown' | 'invalid' | undefined {
  if (listed === undefined) return undefined;
  if (invalid.has(listedName(issuer, listed.idx))) return 'invalid';
  const held = statuses?.get(issuer);
  const status = held?.uri === listed.uri ? statusAt(held, listed.idx) : undefined;
  if (status === undefined) return 'unknown';
  return status === VALID ? undefined : 'invalid';
}

/** A login proof that an agent issued: whose, with which key, and every right of the chain it was for. */
export interface IssuedLogin {
  readonly idx: number;
  readonly person: LocalId;
  readonly jkt: Thumbprint;
  readonly rights: readonly string[];
}

/**
 * The status of a login proof, by the acts its issuer holds: INVALID once its person, its key or a right it is for was revoked, SUSPENDED while the
 * agreement is. A revocation is never lifted, so INVALID stays.
 */
export function statusOfLogin(
  { person, jkt, rights }: IssuedLogin,
  issuer: OrganisationId,
  agreement: Agreement,
  acts: readonly HeldAct[],
): typeof VALID | typeof INVALID | typeof SUSPENDED {
  const revokes = ({ act: { verb, agreementId, organisation, target } }: HeldAct): boolean => {
    if (verb !== 'revoke' || agreementId !== agreement.id) return false;
    if (target.kind === 'agreement') return target.id === agreement.id;
    if (target.kind === 'grant') return rights.includes(target.id);
    if (
      target.kind === 'person' &&
      standsFor(agreement, { organisation: issuer, id: person }, { organisation, id: target.id })
    )
      return true;
    if (organisation !== issuer) return false;
    return (target.kind === 'person' && target.id === person) || (target.kind === 'key' && target.id === jkt);
  };
  if (acts.some(revokes)) return INVALID;
  const suspends = (held: HeldAct): boolean =>
    held.act.verb === 'suspend' &&
    held.act.target.kind === 'agreement' &&
    held.act.target.id === agreement.id &&
    !liftedBy(held, acts, agreement);
  return acts.some(suspends) ? SUSPENDED : VALID;
}
