import { type ServiceAccess, type Subscription, subscribe } from '@interlock/chassis';
import {
  AgreementActivated,
  AgreementStatusChanged,
  CertificatesPublished,
  GrantActivated,
  GrantRevoked,
  KeyRevoked,
} from '@interlock/contracts';
import { hearActivated, hearGranted, hearKeys, hearRevoked, hearStatus } from '../commands/hear-news.js';
import type { Verbs } from '../verbs.js';

const registry: ServiceAccess = { actor: 'service', services: ['trust-registry'] };
const grants: ServiceAccess = { actor: 'service', services: ['grants'] };

/** Everything after which a flow may begin or must end. */
export const news = (verbs: Verbs): readonly Subscription[] => [
  subscribe({
    event: AgreementActivated,
    durable: 'data-router_agreement-activated',
    access: registry,
    handle: (body, tx) => hearActivated(tx, verbs, body),
  }),
  subscribe({
    event: AgreementStatusChanged,
    durable: 'data-router_agreement-status',
    access: registry,
    handle: (body, tx) => hearStatus(tx, verbs, body),
  }),
  subscribe({
    event: CertificatesPublished,
    durable: 'data-router_certificates',
    access: registry,
    handle: ({ organisation }, tx) => hearKeys(tx, organisation),
  }),
  subscribe({
    event: GrantActivated,
    durable: 'data-router_grant-activated',
    access: grants,
    handle: (body, tx) => hearGranted(tx, body),
  }),
  subscribe({
    event: GrantRevoked,
    durable: 'data-router_grant-revoked',
    access: grants,
    handle: (body, tx) => hearRevoked(tx, verbs, body),
  }),
  subscribe({
    event: KeyRevoked,
    durable: 'data-router_key-revoked',
    access: grants,
    handle: ({ organisation }, tx) => hearKeys(tx, organisation),
  }),
];
