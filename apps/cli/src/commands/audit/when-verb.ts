import { auditAnswer, count } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  type EvidenceRecord,
  type Instant,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import { type LogReader, logReader, type ReadCheckpoint, readCheckpointOf, verifyLogAnswer } from '@interlock/proof';
import type { Command } from 'commander';
import { z } from 'zod';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import type { HistorySource } from '../company-broker.js';
import { type JsonOption, perform, withJson } from '../perform.js';
import { agreementId } from '../read-arguments.js';
import { utc } from '../words.js';
import { place } from './disclose-verb.js';
import { historySource, type SourceOptions, withSource } from './history-source.js';
import { logKeyOf } from './read-log.js';

interface WhenOptions extends JsonOption, SourceOptions {
  readonly log: AgreementId;
}

/** What a witness of a company saw, by its own clock. */
interface SeenAt {
  readonly organisation: OrganisationId;
  readonly at: Instant;
}

/** When a record came: three times that somebody says, and which of them are proven. */
export interface Came {
  readonly record: EvidenceRecord;
  /** The operator's word. */
  readonly appendedAt: Instant | null;
  /** Witnesses that had seen the log without it, at these times. */
  readonly notYet: readonly SeenAt[];
  /** Witnesses that had seen it in the log, at these times. */
  readonly by: readonly SeenAt[];
}

/** `interlock audit when`: when a record happened, when it was appended, and between which times a witness saw it come. */
export function whenVerb(audit: Command): void {
  withJson(withSource(audit.command('when')))
    .argument('<place>', 'the place of the record in its log, as "interlock audit query" prints it', place)
    .description('when a record happened, when the operator says it was appended, and what the witnesses prove of that')
    .requiredOption('--log <agreement>', 'the agreement, by its id (agr_...)', agreementId)
    .action((index: number, options: WhenOptions) =>
      perform(options, async () => {
        const source = await historySource(options);
        if (!source.allowed) return source;
        const came = await whenCame(source.value, options.log, index);
        if (!came.allowed) return came;
        const { record, appendedAt, notYet, by } = came.value;
        return allow({
          json: { log: options.log, index, at: record.at, source: record.source, appendedAt, notYet, by },
          lines: [
            `${utc(record.at)}: it happened, by the clock of ${record.source}`,
            ...(appendedAt === null ? [] : [`${utc(appendedAt)}: it was appended, by the word of the operator`]),
            ...notYet.map(
              ({ organisation, at }) => `${utc(at)}: the witness of ${organisation} saw the log without it`,
            ),
            ...by.map(({ organisation, at }) => `${utc(at)}: the witness of ${organisation} saw it in the log`),
          ],
        });
      }),
    );
}

/**
 * Between which times a record came, as far as witnesses prove it: the last state without it and the first with it that one of them cosigned. A broker that keeps
 * states back makes the span wider, and no other one: each end is signed, with its time, by a witness.
 */
export async function whenCame(company: HistorySource, log: AgreementId, index: number): Promise<Decision<Came>> {
  const agreed = await verifiedAgreement(company, log);
  if (!agreed.allowed) return agreed;
  const { agreement, ring } = agreed.value;
  const reader: LogReader = { ...logReader(agreement, ring, logKeyOf(company, log)), cosigners: 1 };
  const [covering, earlier] = [
    await stateBeside(company, log, 'covering', index),
    await stateBeside(company, log, 'before', index),
  ];
  if (!covering.allowed) return covering;
  if (!earlier.allowed) return earlier;
  const { treeSize } = covering.value;
  if (treeSize <= index) return refuse('not_cosigned', { clause: `row ${index}` });
  const after = index === 0 ? '' : `&after=${index - 1}`;
  const target = `/v1/audit/events?log=${log}&limit=1&treeSize=${treeSize}${after}`;
  const answer = await company.broker.get(target, auditAnswer);
  if (!answer.allowed) return answer;
  const proven = verifyLogAnswer(answer.value, log, reader);
  if (!proven.allowed) return proven;
  const [row] = proven.value.rows;
  if (row?.index !== index) return refuse('evidence_rejected', { clause: `row ${index}` });
  const without = earlier.value.treeSize === 0 ? undefined : readCheckpointOf(earlier.value.checkpoint, reader);
  if (without && !without.allowed) return without;
  if (without && without.value.checkpoint.size > index) return refuse('evidence_rejected', { clause: 'before' });
  const notYet = without ? seenAt(without.value) : [];
  return allow({ record: row.record, appendedAt: row.appendedAt ?? null, notYet, by: seenAt(proven.value) });
}

const state = z.looseObject({ treeSize: count, checkpoint: z.string().max(10_000) });

const stateBeside = (company: HistorySource, log: AgreementId, which: 'covering' | 'before', index: number) =>
  company.broker.get(`/v1/audit/checkpoint?log=${log}&which=${which}&index=${index}`, state);

const seenAt = ({ cosigned, cosignedAt }: ReadCheckpoint): SeenAt[] =>
  cosigned.map((organisation, at) => ({ organisation, at: cosignedAt[at] ?? 0 }));
