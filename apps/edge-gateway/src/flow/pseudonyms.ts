import { createHmac } from 'node:crypto';
import type { GrantId, Pseudonyms } from '@interlock/domain';
import type { Provisioned } from '../provisioning.js';

/**
 * Keyed, because a plain hash of `operator-17` is found by trying all operators. A hash holds inside its flow: two recipients cannot compare what they
 * got. A pseudonym is made with the company's own key, so that the company finds the same name in every flow and at every gateway.
 */
export function pseudonymsFor({ key: ownKey, pseudonymKey }: Provisioned, flow: GrantId): Pseudonyms {
  const own = ownKey.export({ format: 'der', type: 'pkcs8' });
  return {
    hash: (key, value) => named(own, `${flow}\0${key}\0${value}`),
    pseudonymise: pseudonymKey && ((key, value) => named(pseudonymKey, `${key}\0${value}`)),
  };
}

const named = (secret: Uint8Array, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22);
