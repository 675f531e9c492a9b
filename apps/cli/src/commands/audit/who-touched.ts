import type { EvidenceRecord } from '@interlock/domain';
import { utc } from '../words.js';
import type { ProvenLog } from './read-log.js';

/** One use of a resource, put together from its records. */
export interface Touch {
  readonly session: string;
  readonly who: string;
  readonly what: string;
  readonly clause: string | null;
  readonly approvers: readonly string[];
  readonly from: number | null;
  readonly to: number | null;
  /** Why it ended, or why it was refused; null while it goes on. */
  readonly code: string | null;
  readonly outcome: 'used' | 'cut' | 'refused' | 'live';
  /** Places in the log, so that each word can be looked up. */
  readonly rows: readonly number[];
}

const ABOUT_USE = /^(session|flow)\./;

/** Who used a resource, under which clause, and who approved: every session and flow of it, and every attempt that was refused. */
export function whoTouched({ rows }: ProvenLog): readonly Touch[] {
  const uses = new Map<string, { index: number; record: EvidenceRecord }[]>();
  for (const row of rows.filter(({ record }) => ABOUT_USE.test(record.kind))) {
    const name = row.record.session ?? row.record.id;
    uses.set(name, [...(uses.get(name) ?? []), row]);
  }
  return [...uses].map(([session, list]) => touchOf(session, list)).sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
}

function touchOf(session: string, list: readonly { index: number; record: EvidenceRecord }[]): Touch {
  const records = list.map(({ record }) => record);
  const opened = records.find(({ kind }) => /\.(opened|delivered)$/.test(kind));
  const ended = records.findLast(({ kind }) => /\.(closed|cut)$/.test(kind));
  const refused = records.find(({ outcome }) => outcome === 'deny');
  const main = opened ?? ended ?? refused ?? records[0];
  const first = <T>(pick: (record: EvidenceRecord) => T | null) =>
    records.map(pick).find((one) => one !== null) ?? null;
  const subject = first((record) => record.subject);
  const resource = first((record) => record.resource);
  return {
    session,
    who: subject ? `${subject.organisation}/${subject.id}` : 'somebody who showed no subject',
    what: resource ? `${resource.owner}/${resource.id}` : 'an unnamed resource',
    clause: first((record) => record.clause),
    approvers: [...new Set(records.flatMap((record) => record.approvers))],
    from: main?.at ?? null,
    to: ended?.at ?? null,
    code: ended?.code ?? (opened ? null : (refused?.code ?? null)),
    outcome: outcomeOf(opened !== undefined, ended, refused !== undefined),
    rows: list.map(({ index }) => index),
  };
}

function outcomeOf(opened: boolean, ended: EvidenceRecord | undefined, refused: boolean): Touch['outcome'] {
  if (ended) return ended.outcome === 'cut' ? 'cut' : 'used';
  return opened || !refused ? 'live' : 'refused';
}

export function touchLine(touch: Touch): string {
  const when = touch.from === null ? '' : `${utc(touch.from)}${touch.to === null ? '' : ` to ${utc(touch.to)}`}: `;
  const by = touch.approvers.length > 0 ? `, approved by ${touch.approvers.join(' and ')}` : '';
  const clause = touch.clause ? ` under clause ${touch.clause}` : '';
  const end = { used: 'used', cut: 'used until it was cut', refused: 'was refused', live: 'uses' }[touch.outcome];
  const object = touch.outcome === 'refused' ? ` on ${touch.what}` : ` ${touch.what}`;
  return `${when}${touch.who} ${end}${object}${clause}${by}${touch.code ? ` (${touch.code})` : ''} [${rowWords(touch.rows)}]`;
}

const rowWords = (rows: readonly number[]): string =>
  rows.length > 6 ? `${rows.length} rows from ${rows[0]} to ${rows.at(-1)}` : `rows ${rows.join(', ')}`;
