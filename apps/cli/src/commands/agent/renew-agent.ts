import { readEntities, renewCertificates, renewEntity, takeNextEpoch } from '@interlock/company-side';
import type { Instant } from '@interlock/domain';
import { ENTITY_LONGEST } from '@interlock/proof';
import type { Shown } from '../perform.js';
import { untilWords } from '../words.js';

export interface RenewOptions {
  /** A new entity document even where the present one has most of its life left. */
  readonly entity?: boolean;
  /** The folder was brought back from a copy: it becomes the one writer of its company. */
  readonly restored?: boolean;
}

/** Renews what is about to run out. Needs the offline keys: run it where they are, at least once a day. */
export async function renewAgent(dir: string, options: RenewOptions, now: Instant): Promise<Shown> {
  const epoch = options.restored ? await takeNextEpoch(dir, now) : undefined;
  const entity = readEntities(dir).at(-1)?.document;
  const due = entity === undefined || entity.expiresAt - now < ENTITY_LONGEST / 2;
  const renewed = options.entity || due ? await renewEntity(dir, now) : undefined;
  const certificates = renewed ? [] : await renewCertificates(dir, now);
  return {
    json: {
      ...(epoch !== undefined && { epoch }),
      entity: renewed ? { sequence: renewed.document.sequence, expiresAt: renewed.document.expiresAt } : null,
      certificates: certificates.map(({ document }) => ({ holder: document.holder, notAfter: document.notAfter })),
    },
    lines: [
      ...(epoch === undefined
        ? []
        : [`this folder writes under epoch ${epoch}; beats of any other copy of it count nowhere`]),
      ...(renewed
        ? [
            `entity document ${renewed.document.sequence} and every certificate with it; the document ${untilWords(renewed.document.expiresAt, now)}`,
          ]
        : []),
      ...certificates.map(
        ({ document }) => `${document.holder.kind} ${document.holder.id} ${untilWords(document.notAfter, now)}`,
      ),
      renewed || epoch !== undefined || certificates.length > 0
        ? 'a running agent publishes this within a few seconds; gateways and machines need their folder again'
        : 'nothing is about to run out',
    ],
  };
}
