import { organisationId, type RECEIVED_KINDS } from '@interlock/contracts';
import type { AgreementId, Decision, Digest, OrganisationId } from '@interlock/domain';
import { z } from 'zod';
import type { CompanyBroker } from '../company-broker.js';

/** The line to the log of an agreement, as whoever received data under it. */
export interface ReceiversLog {
  /** Records there what was done with what was received: the broker brings it, and both companies see it. */
  say(kind: (typeof RECEIVED_KINDS)[number], documents: readonly Digest[], count: number): Promise<Decision<unknown>>;
  /** Which companies hold the log now. */
  heldBy(): Promise<Decision<readonly OrganisationId[]>>;
}

const anything = z.unknown();
const holds = z.strictObject({ log: z.string(), heldBy: z.array(organisationId) });

export const receiversLog = ({ broker }: Pick<CompanyBroker, 'broker'>, agreement: AgreementId): ReceiversLog => ({
  say: (kind, documents, count) =>
    broker.post(`/v1/audit/received/${agreement}`, { kind, documents: [...documents], count }, anything),
  heldBy: async () => {
    const read = await broker.get(`/v1/audit/holds/${agreement}`, holds);
    return read.allowed ? { allowed: true, value: read.value.heldBy } : read;
  },
});
