import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Authorisation,
  allow,
  type Decision,
  type EmbargoDecision,
  type EmbargoRecord,
  type HeldAuthorisation,
  type Instant,
  mayGoOn,
  prepareLists,
  type ReviewSubject,
  type Ruling,
  refuse,
  replay,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import { readJsonIfThere } from '../durable-file.js';
import { embargoPlaces, fileNameOf, filesIn, readLists, readRecords, writeRecord } from './embargo-store.js';
import { authorisation, heldAuthorisation } from './list-schemas.js';
import { jsonOf, malformedAt } from './read-lists.js';
import { datesToInstants } from './read-rule-file.js';

const DAY = 86_400_000;

/** Records what a person decided about one version of one entry. An earlier ruling stays; the newest counts. */
export function recordRuling(dir: string, ruling: Ruling): void {
  writeRecord(embargoPlaces(dir).rulings, fileNameOf(ruling), ruling);
}

/** Records an authorisation. One number is one authorisation: its terms are never changed, it is revoked and another is recorded. */
export function recordAuthorisation(
  dir: string,
  text: string,
  now: Instant,
): Decision<Authorisation, 'malformed' | 'embargo_authorisation_exists'> {
  const parsed = authorisation.safeParse(datesToInstants(jsonOf(text)));
  if (!parsed.success) return malformedAt(parsed.error);
  const folder = embargoPlaces(dir).authorisations;
  const name = fileNameOf(parsed.data.number);
  if (existsSync(join(folder, name))) return refuse('embargo_authorisation_exists', { clause: parsed.data.number });
  writeRecord(folder, name, { authorisation: parsed.data, recordedAt: now, revokedAt: null });
  return allow(parsed.data);
}

/** Ends an authorisation at once. */
export function revokeAuthorisation(
  dir: string,
  number: string,
  now: Instant,
): Decision<HeldAuthorisation, 'embargo_authorisation_unknown'> {
  const folder = embargoPlaces(dir).authorisations;
  const held = heldAuthorisation.safeParse(readJsonIfThere(join(folder, fileNameOf(number))));
  if (!held.success) return refuse('embargo_authorisation_unknown', { clause: number });
  const revoked = { ...held.data, revokedAt: held.data.revokedAt ?? now };
  writeRecord(folder, fileNameOf(number), revoked);
  return allow(revoked);
}

/** Keeps a decision with everything it was made from. The first use of an authorisation starts the clock of what has to be reported. */
export function keepDecision(dir: string, record: EmbargoRecord): void {
  const at = embargoPlaces(dir);
  writeRecord(at.decisions, fileNameOf(record), record);
  if (!mayGoOn(record.decision)) return;
  for (const number of new Set(record.decision.obligations.map((one) => one.authorisation))) {
    const name = fileNameOf(number);
    if (existsSync(join(at.uses, name))) continue;
    const obligations = record.decision.obligations.filter((one) => one.authorisation === number);
    const first: FirstUse = {
      authorisation: number,
      right: record.id,
      at: record.decision.asOf,
      due: obligations.flatMap(({ what, withinDays }) =>
        withinDays === null ? [] : [{ what, by: record.decision.asOf + withinDays * DAY }],
      ),
    };
    writeRecord(at.uses, name, first);
  }
}

export interface FirstUse {
  readonly authorisation: string;
  readonly right: string;
  readonly at: Instant;
  readonly due: readonly { readonly what: string; readonly by: Instant }[];
}

/** What has to be reported because an authorisation was used, and by when. */
export const firstUses = (dir: string): readonly FirstUse[] =>
  filesIn(embargoPlaces(dir).uses).map((file) => readJsonIfThere(file) as FirstUse);

const recorded = z.looseObject({ id: z.string(), decision: z.looseObject({ asOf: z.number() }) });

/** Every kept decision, newest first. */
export const keptDecisions = (dir: string): readonly EmbargoRecord[] =>
  filesIn(embargoPlaces(dir).decisions)
    .map((file) => {
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
      recorded.parse(value);
      return value as EmbargoRecord;
    })
    .sort((a, b) => b.decision.asOf - a.decision.asOf);

/** Makes a kept decision again. Refused where a list it was made from is gone; otherwise whether the answer is the same. */
export function replayDecision(
  dir: string,
  record: EmbargoRecord,
): Decision<
  { readonly same: boolean; readonly again: EmbargoDecision },
  'embargo_snapshot_altered' | 'embargo_snapshot_missing'
> {
  const lists = readLists(
    dir,
    record.decision.lists.map((digest) => ({ digest })),
  );
  if (!lists.allowed) return lists;
  const records = readRecords(dir);
  if (!records) return refuse('embargo_snapshot_altered', { clause: 'records' });
  const again = replay(record, prepareLists(lists.value), records);
  return allow({ same: digestOf(again) === digestOf(record.decision), again });
}

/** What waits for a human: every near name of a kept newest decision that nobody has ruled on. */
export function reviewQueue(
  dir: string,
): readonly (ReviewSubject & { readonly because: string; readonly id: string })[] {
  const newest = new Map<string, EmbargoRecord>();
  for (const record of keptDecisions(dir)) if (!newest.has(record.id)) newest.set(record.id, record);
  const rulings = readRecords(dir)?.rulings ?? [];
  const waiting = new Map<string, ReviewSubject & { because: string; id: string }>();
  for (const { decision } of newest.values()) {
    for (const { outcome, entry, because } of decision.hits) {
      if (outcome !== 'review' || !entry) continue;
      const { score: _score, ...subject } = entry;
      if (rulings.some((one) => digestOf(one.subject) === digestOf(subject))) continue;
      const id = digestOf(subject).slice(7, 19);
      waiting.set(id, { ...entry, because, id });
    }
  }
  return [...waiting.values()];
}
