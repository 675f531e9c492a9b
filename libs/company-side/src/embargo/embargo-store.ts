import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedEmbargoSnapshot } from '@interlock/contracts';
import {
  acceptImport,
  allow,
  type Decision,
  type Digest,
  type EmbargoList,
  type EmbargoRecords,
  type EmbargoSnapshot,
  type HeldList,
  type ImportRefusal,
  type Instant,
  type ListChange,
  type PreparedLists,
  prepareLists,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, digestOfBytes, type KeyRing, signed, trust, verifyDocument } from '@interlock/proof';
import { readSigner } from '../company-folder/key-files.js';
import { layout } from '../company-folder/layout.js';
import { lockFolder } from '../company-folder/lock-folder.js';
import { readCompany } from '../company-folder/read-company.js';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '../durable-file.js';
import { embargoList, heldAuthorisation, ruling } from './list-schemas.js';

/** The lists a company obeys now, verified and indexed, with what its people recorded. */
export interface HeldEmbargo {
  readonly snapshot: Signed<EmbargoSnapshot>;
  readonly digest: Digest;
  readonly lists: PreparedLists;
  readonly records: EmbargoRecords;
  /** Changes whenever a list or a record changes. */
  readonly state: Digest;
}

export type SnapshotRefusal = 'embargo_snapshot_missing' | 'embargo_snapshot_altered';

const place = (dir: string) => {
  const folder = layout(dir).embargo;
  return {
    folder,
    current: join(folder, 'snapshot.json'),
    lists: join(folder, 'lists'),
    snapshots: join(folder, 'snapshots'),
    rulings: join(folder, 'rulings'),
    authorisations: join(folder, 'authorisations'),
    decisions: join(folder, 'decisions'),
    uses: join(folder, 'uses'),
  };
};
export const embargoPlaces = place;

/** A file name that holds any text. */
export const fileNameOf = (value: unknown): string => `${digestOf(value).replace('sha256:', '')}.json`;
const listFile = (dir: string, digest: string) => join(place(dir).lists, `${digest.replace('sha256:', '')}.json`);

export interface Imported extends ListChange {
  readonly digest: Digest;
  readonly snapshot: Digest;
}

/**
 * Takes an edition into the company's lists: written beside all earlier ones, then a new signed snapshot that names it takes the place of the
 * one before in one step. A crash before that leaves the old lists in force. Refused as `acceptImport` says.
 */
export async function importList(
  dir: string,
  list: EmbargoList,
  now: Instant,
  announced: number | null = null,
): Promise<Decision<Imported, ImportRefusal | SnapshotRefusal>> {
  const at = place(dir);
  for (const folder of Object.values(at).filter((one) => one !== at.current)) makePrivateFolder(folder);
  const lock = lockFolder(at.folder);
  try {
    const before = existsSync(at.current) ? await readSnapshot(dir, now) : undefined;
    if (before && !before.allowed) return before;
    const named = before?.value.document.lists ?? [];
    const old = named.find((one) => one.kind === list.kind && one.issuer === list.issuer);
    const held = old && readList(dir, old.digest);
    if (old && !held) return refuse('embargo_snapshot_altered', { clause: `${old.kind} ${old.issuer}` });
    const accepted = acceptImport(held?.list, list, announced);
    if (!accepted.allowed) return accepted;
    const bytes = JSON.stringify(accepted.value.list);
    const digest = digestOfBytes(Buffer.from(bytes, 'utf8'));
    writeDurably(listFile(dir, digest), bytes, 0o644);
    const lists = [
      ...named.filter((one) => one !== old),
      { kind: list.kind, issuer: list.issuer, digest, entries: entriesOf(accepted.value.list) },
    ];
    const snapshot = await writeSnapshot(dir, before?.value.document, lists, now);
    return allow({ ...accepted.value.change, digest, snapshot });
  } finally {
    lock.release();
  }
}

const entriesOf = (list: EmbargoList): number =>
  'entries' in list
    ? list.entries.length
    : 'rules' in list
      ? list.rules.length
      : list.kind === 'countries'
        ? list.countries.length
        : 1;

async function writeSnapshot(
  dir: string,
  before: EmbargoSnapshot | undefined,
  lists: EmbargoSnapshot['lists'],
  now: Instant,
): Promise<Digest> {
  const { settings } = readCompany(dir);
  const snapshot: EmbargoSnapshot = {
    typ: 'embargo-snapshot',
    v: 1,
    organisation: settings.organisation,
    sequence: (before?.sequence ?? 0) + 1,
    previous: before ? digestOf(before) : null,
    lists,
    takenAt: now,
  };
  const text = JSON.stringify(
    await signed(snapshot, readSigner(layout(dir).keys, 'agent', settings.organisation), now),
  );
  writeDurably(join(place(dir).snapshots, fileNameOf(snapshot)), text, 0o644);
  writeDurably(place(dir).current, text, 0o644);
  return digestOf(snapshot);
}

/** The current snapshot, with the signature of the company's own embargo key over it. */
async function readSnapshot(dir: string, now: Instant): Promise<Decision<Signed<EmbargoSnapshot>, SnapshotRefusal>> {
  const parsed = signedEmbargoSnapshot.safeParse(readOrNothing(place(dir).current));
  if (!parsed.success)
    return refuse(existsSync(place(dir).current) ? 'embargo_snapshot_altered' : 'embargo_snapshot_missing');
  const { organisation } = readCompany(dir).settings;
  const ring = await ownRing(dir, now);
  if (!ring || parsed.data.document.organisation !== organisation) return refuse('embargo_snapshot_altered');
  const demand = [{ issuer: organisation, purpose: 'embargo' as const }];
  const verified = await verifyDocument('embargo-snapshot', parsed.data, ring, demand, now);
  return verified.allowed ? allow(parsed.data) : refuse('embargo_snapshot_altered', { detail: verified.refusal.code });
}

async function ownRing(dir: string, now: Instant): Promise<KeyRing | undefined> {
  const { entities, certificates, pins, settings } = readCompany(dir);
  const own = new Map([...pins].filter(([organisation]) => organisation === settings.organisation));
  const ring = await trust(entities.slice(-16), certificates, own, now);
  return ring.allowed ? ring.value : undefined;
}

/** A list by its digest; undefined where it is not there, or not what the digest says. */
export function readList(dir: string, digest: Digest): HeldList | undefined {
  try {
    const bytes = readFileSync(listFile(dir, digest));
    if (digestOfBytes(bytes) !== digest) return undefined;
    return { digest, list: embargoList.parse(JSON.parse(bytes.toString('utf8'))) };
  } catch {
    return undefined;
  }
}

/**
 * Reads what the company obeys now, again only where something changed. Refused, and then no verdict is clear, where a list is missing, was
 * altered, or the snapshot is not signed by the company itself.
 */
export function embargoReader(dir: string): (now: Instant) => Promise<Decision<HeldEmbargo, SnapshotRefusal>> {
  let prepared: { readonly digest: Digest; readonly lists: PreparedLists } | undefined;
  return async (now) => {
    const snapshot = await readSnapshot(dir, now);
    if (!snapshot.allowed) return snapshot;
    const digest = digestOf(snapshot.value.document);
    if (prepared?.digest !== digest) {
      const lists = readLists(dir, snapshot.value.document.lists);
      if (!lists.allowed) return lists;
      prepared = { digest, lists: prepareLists(lists.value) };
    }
    const records = readRecords(dir);
    if (!records) return refuse('embargo_snapshot_altered', { clause: 'records' });
    return allow({
      snapshot: snapshot.value,
      digest,
      lists: prepared.lists,
      records,
      state: digestOf([digest, records]),
    });
  };
}

/** Lists by their digests, all or none. */
export function readLists(
  dir: string,
  named: readonly { readonly digest: Digest; readonly kind?: string; readonly issuer?: string }[],
): Decision<readonly HeldList[], SnapshotRefusal> {
  const found: HeldList[] = [];
  for (const { digest, kind = 'list', issuer = digest } of named) {
    const held = readList(dir, digest);
    if (!held) return refuse('embargo_snapshot_altered', { clause: `${kind} ${issuer}` });
    found.push(held);
  }
  return allow(found);
}

/** What people recorded; undefined where a file of it cannot be read: half of it could be the half that says no. */
export function readRecords(dir: string): EmbargoRecords | undefined {
  try {
    return {
      rulings: filesIn(place(dir).rulings).map((file) => ruling.parse(readJsonIfThere(file))),
      authorisations: filesIn(place(dir).authorisations).map((file) => heldAuthorisation.parse(readJsonIfThere(file))),
    };
  } catch {
    return undefined;
  }
}

export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}

export function writeRecord(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeDurably(join(folder, name), JSON.stringify(value));
}

function readOrNothing(file: string): unknown {
  try {
    return readJsonIfThere(file);
  } catch {
    return undefined;
  }
}
