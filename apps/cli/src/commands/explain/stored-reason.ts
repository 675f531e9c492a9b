import { allow, type Decision, type EvidenceRecord, refuse } from '@interlock/domain';
import { readLogs } from '../audit/audit-commands.js';
import { historySource, type SourceOptions } from '../audit/history-source.js';
import { type Shown, waitingFor } from '../perform.js';
import { utc } from '../words.js';
import { type Explained, explained } from './explanation-of.js';

/** Why one record of the log was a no: what every party may read, and in full what is the asker's own. */
export interface StoredReason extends Partial<Explained> {
  readonly code: string;
  readonly log: string;
  readonly index: number;
  readonly kind: string;
  readonly at: number;
  /** Whose rule it was that said no; null where the code is all there is. */
  readonly belongsTo: string | null;
  /** What that rule said, where it is the asker's own; null for everybody else, and where nothing more was said. */
  readonly explanation: string | null;
}

const DECISION = /^dec_[0-9a-z]{26}$/;
const SESSION = /^ses_[0-9a-z]{26}$/;
const TRACE = /^[0-9a-f]{32}$/;

/** Whether this names something of the log, and no code. */
export const isStored = (asked: string): boolean => [DECISION, SESSION, TRACE].some((one) => one.test(asked));

/** The reasons of one decision, session or trace, from records that were proven to be in the cosigned log. Refused where nothing is there for the asker. */
export async function explainStored(asked: string, options: SourceOptions): Promise<Decision<Shown>> {
  const source = await historySource(options);
  if (!source.allowed) return source;
  const question = SESSION.test(asked) ? { session: asked } : { correlation: asked };
  const read = await waitingFor('asking the audit service', readLogs(source.value, undefined, question));
  if (!read.allowed) return read;
  const rows = read.value.flatMap(({ log, rows: own }) => own.map((row) => ({ log, ...row })));
  if (rows.length === 0) {
    const later = read.value.reduce((all, { notCosignedYet }) => all + notCosignedYet, 0);
    const detail = later > 0 ? `${later} newer record(s) are not cosigned yet; ask again in a moment` : undefined;
    return refuse('not_a_party', { clause: asked, ...(detail && { detail }) });
  }
  const reasons = rows.flatMap(reasonOf);
  const lines = reasons.length > 0 ? reasons.flatMap(linesOf) : [`${asked}: nothing about it was a no`];
  return allow({ json: { id: asked, records: rows.length, reasons }, lines });
}

interface Row {
  readonly log: string;
  readonly index: number;
  readonly record: EvidenceRecord;
}

function reasonOf({ log, index, record }: Row): readonly StoredReason[] {
  const { kind, at, code, belongsTo, explanation, internalReason } = record;
  if (code === null) return [];
  const own = explanation ?? internalReason ?? null;
  return [{ ...explained(code), code, log, index, kind, at, belongsTo: belongsTo ?? null, explanation: own }];
}

function linesOf({ code, kind, at, means, whatToDo, belongsTo, explanation }: StoredReason): readonly string[] {
  const [inner = ''] = (explanation ?? '').split(' ');
  const innerMeans = inner === code ? undefined : explained(inner)?.means;
  const full = explanation ?? `kept by ${belongsTo}, for itself alone`;
  return [
    `${utc(at)} ${kind}: ${means === undefined ? code : `${code}: ${means}`}`,
    ...(belongsTo === null ? [] : [`In full: ${full}`]),
    ...(innerMeans === undefined ? [] : [`${inner}: ${innerMeans}`]),
    ...(whatToDo ? [`What to do: ${whatToDo}`] : []),
  ];
}
