import { PoisonMessageError, subscribe } from '@interlock/chassis';
import { AgreementStatusChanged } from '@interlock/contracts';
import { parseAgreementId } from '@interlock/domain';
import { noteAgreementChange } from '../commands/note-agreement-change.js';

/** A suspension or an end reaches the answers of the decision service with the fact, not with the next look at the registry. */
export const onAgreementChanged = () =>
  subscribe({
    event: AgreementStatusChanged,
    durable: 'grants_note-agreement-change',
    access: { actor: 'service', services: ['trust-registry'] },
    async handle({ id }, tx) {
      const agreement = parseAgreementId(id);
      if (!agreement) throw new PoisonMessageError('not an agreement id');
      await noteAgreementChange(tx, agreement);
    },
  });
