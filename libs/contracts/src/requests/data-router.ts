import { z } from 'zod';
import { localId, organisationId } from '../documents/names.js';
import { defineRequest } from '../events/define-request.js';
import { askBusUser, busUser } from '../http/federation-api.js';
import { decidedAs } from './decided.js';

/** Who asks for a user of a region's bus, as the edge proved it. Only a gateway publishes, and only for itself. */
export const busCaller = z.strictObject({
  organisation: organisationId,
  kind: z.enum(['gateway', 'agent', 'workload']),
  id: localId,
});

/** A user of one region's bus for the caller's own organisation, under one agreement and in one role. */
export const AskBusUser = defineRequest(
  'data-router.bus-user.v1',
  z.strictObject({ caller: busCaller, ask: askBusUser }),
  decidedAs(busUser),
);
