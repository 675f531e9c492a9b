import { readEntities, renewCertificates, renewEntity } from '@interlock/company-side';
import type { Instant } from '@interlock/domain';
import { ENTITY_LONGEST } from '@interlock/proof';
import type { Shown } from '../perform.js';
import { untilWords } from '../words.js';

export interface RenewOptions {
  /** A new entity document even where the present one has most of its life left. */
  readonly entity?: boolean;
}

/** Renews what is about to run out. Needs the offline keys: run it where they are, at least once a day. */
export async function renewAgent(dir: string, options: RenewOptions, now: Instant): Promise<Shown> {
  const entity = readEntities(dir).at(-1)?.document;
  const due = entity === undefined || entity.expiresAt - now < ENTITY_LONGEST / 2;
  const renewed = options.entity || due ? await renewEntity(dir, now) : undefined;
  const certificates = renewed ? [] : await renewCertificates(dir, now);
  return {
    json: {
      entity: renewed ? { sequence: renewed.document.sequence, expiresAt: renewed.document.expiresAt } : null,
      certificates: certificates.map(({ document }) => ({ holder: document.holder, notAfter: document.notAfter })),
    },
    lines: [
      ...(renewed
        ? [
            `entity document ${renewed.document.sequence} and every certificate with it; the document ${untilWords(renewed.document.expiresAt, now)}`,
          ]
        : []),
      ...certificates.map(
        ({ document }) => `${document.holder.kind} ${document.holder.id} ${untilWords(document.notAfter, now)}`,
      ),
      renewed || certificates.length > 0
        ? 'a running agent publishes this within a few seconds; gateways and machines need their folder again'
        : 'nothing is about to run out',
    ],
  };
}
