import { subscribe } from '@interlock/chassis';
import { KeyRevoked } from '@interlock/contracts';
import { keepRevoked } from '../commands/keep-revoked-key.command.js';
import type { Verbs } from '../verbs.js';

/** A key its own organisation revoked authenticates no caller any more. */
export const onKeyRevoked = (verbs: Verbs) =>
  subscribe({
    event: KeyRevoked,
    durable: 'trust-registry_keep-revoked-key',
    access: { actor: 'service', services: ['grants'] },
    handle: ({ organisation, key }) => keepRevoked(verbs, organisation, key),
  });
