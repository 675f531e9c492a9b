import { z } from 'zod';
import {
  actionName,
  agreementId,
  digest,
  grantId,
  organisationId,
  resourceRef,
  thumbprint,
} from '../documents/names.js';
import { defineEvent } from './define-event.js';

/** Both sides signed the grant as the agreement asks. */
export const GrantActivated = defineEvent(
  'grant.activated.v1',
  z.strictObject({
    id: grantId,
    digest,
    agreementId,
    agreement: digest,
    kind: z.enum(['remote-service', 'data-collection', 'machine-to-machine']),
    owner: organisationId,
    subjectSide: organisationId,
    parties: z.array(organisationId).min(1).max(16),
    resources: z.array(resourceRef).max(10_000),
    actions: z.array(actionName).max(64),
  }),
);

/** An active grant was taken away, or an asked one withdrawn. */
export const GrantRevoked = defineEvent(
  'grant.revoked.v1',
  z.strictObject({ id: grantId, agreementId, act: digest.nullable() }),
);

/** An organisation revoked one of its own keys. */
export const KeyRevoked = defineEvent(
  'key.revoked.v1',
  z.strictObject({ organisation: organisationId, key: thumbprint, act: digest }),
);
