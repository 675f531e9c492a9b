import { type Subscription, subscribe } from '@interlock/chassis';
import { AgreementActivated } from '@interlock/contracts';
import { registerLog } from '../commands/register-log.js';

/** An agreement in force has a log, with readers and witnesses. */
export const onAgreementActivated = (): Subscription =>
  subscribe({
    event: AgreementActivated,
    durable: 'audit_register-parties',
    access: { actor: 'service', services: ['trust-registry'] },
    handle: (activated, tx) => registerLog(tx, activated),
  });
