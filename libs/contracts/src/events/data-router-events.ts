import { z } from 'zod';
import { agreementId, grantId, localId, organisationId } from '../documents/names.js';
import { defineEvent } from './define-event.js';

/** A data-collection grant has a route: its gateways may publish in these regions and its recipients may pull. */
export const FlowRouted = defineEvent(
  'flow.routed.v1',
  z.strictObject({
    grant: grantId,
    agreementId,
    regions: z.array(localId).min(1).max(64),
    gateways: z.array(localId).min(1).max(256),
    recipients: z.array(organisationId).min(1).max(16),
  }),
);

/** A route was taken away; `code` is the refusal that a decision about the flow would give now. */
export const FlowUnrouted = defineEvent(
  'flow.unrouted.v1',
  z.strictObject({ grant: grantId, agreementId, code: z.string().max(80) }),
);
