import {
  type Agreement,
  allow,
  type Decision,
  type Instant,
  type Right,
  refuse,
  subjectOfLogin,
} from '@interlock/domain';
import type { KeyRing } from './key-ring.js';
import { peekLoginProof, type TokenRefusal, verifyLoginProof } from './token.js';

/**
 * What a login proof says, in words, under the rights that a bundle holds. Judged when it was made: that it has expired since says nothing about the
 * session it opened.
 */
export async function loginStatement(
  token: string,
  rights: readonly Right[],
  agreement: Agreement | undefined,
  ring: KeyRing,
  at: Instant,
): Promise<Decision<string, TokenRefusal | 'bundle_unsupported'>> {
  const claimed = peekLoginProof(token);
  const right = rights.find(({ id }) => id === claimed?.grant);
  const owner = right?.resources[0]?.owner;
  if (!claimed || !owner || !agreement) return refuse('bundle_unsupported', { clause: 'login proof' });
  const { iss, sub, iat, jkt } = claimed;
  const person = subjectOfLogin(agreement, right, { organisation: iss, id: sub });
  if (!person) return refuse('wrong_issuer', { clause: 'login proof' });
  const verified = await verifyLoginProof(token, iss, owner, ring, Math.min(at, iat * 1000));
  if (!verified.allowed) return verified;
  const name = person.organisation === iss ? sub : `${sub}, who is ${person.organisation}/${person.id},`;
  return allow(`${iss} vouched that ${name} held key ${jkt}`);
}
