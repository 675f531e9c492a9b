import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, syncFolder, writeDurably } from '@interlock/company-side';
import type { Digest } from '@interlock/domain';
import { z } from 'zod';
import type { KeptBatch, KeptBatches } from './kept-batches.js';

/** One observation of a batch, as a row of a table. */
export interface ObservationRow {
  readonly offset: number;
  readonly batch: Digest;
  readonly machine: string;
  readonly product: string;
  readonly flow: string;
  readonly sequence: number;
  readonly presenter: string | null;
  readonly at: string;
  readonly key: string;
  readonly value: string;
}

/** How rows become the bytes of an object. */
export interface ObjectFormat {
  readonly name: string;
  encode(rows: readonly ObservationRow[]): Uint8Array;
}

export const NDJSON: ObjectFormat = {
  name: 'ndjson',
  encode: (rows) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
};

const manifestFile = z.strictObject({
  typ: z.literal('interlock-object'),
  v: z.literal(1),
  // What it names is removed when it is over: whoever may write into this folder must not choose a file elsewhere.
  object: z.string().regex(/^\d{12}-\d{12}\.[a-z]{1,20}$/),
  format: z.string(),
  bytes: z.number().int(),
  /** SHA-256 of the object. */
  digest: z.string(),
  rows: z.number().int(),
  first: z.number().int(),
  last: z.number().int(),
  /** When the oldest and the newest of its batches were sealed. */
  sealedFrom: z.number(),
  sealedTo: z.number(),
  batches: z.array(z.string()),
});
export type ObjectManifest = z.infer<typeof manifestFile>;

const MANIFEST = '.manifest.json';
/** Batches in one object, at most. */
const MOST = 1_000;

/** Objects in a folder that is handed on: each with a manifest, which is written last. What has none was not finished, and is written anew. */
export interface Objects {
  /** The place of the next batch: every batch before it is in exactly one object. */
  readonly next: number;
  /** Writes what is kept and in no object yet. Returns how many objects. */
  write(): number;
  /** Removes the objects in which something is over, whole: in none of them anything is kept for longer than was agreed. */
  erase(isOver: (batches: ObjectManifest['batches']) => boolean): readonly string[];
}

/** @throws if a manifest in the folder is none */
export function openObjects(dir: string, kept: KeptBatches, format: ObjectFormat): Objects {
  makePrivateFolder(dir);
  const manifests = new Map(
    readdirSync(dir)
      .filter((name) => name.endsWith(MANIFEST))
      .map((name) => [name, manifestFile.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')))] as const),
  );
  let next = Math.max(kept.first, 0, ...[...manifests.values()].map(({ last }) => last + 1));
  const put = (some: readonly KeptBatch[]): void => {
    const [object, manifest] = objectOf(some, format);
    writeDurably(join(dir, manifest.object), object);
    const name = `${manifest.object}${MANIFEST}`;
    writeDurably(join(dir, name), `${JSON.stringify(manifest)}\n`);
    manifests.set(name, manifest);
    next = manifest.last + 1;
  };
  removeUnfinished(dir);
  return {
    get next() {
      return next;
    },
    write: () => {
      let written = 0;
      for (let some = kept.read(next, MOST); some.length > 0; some = kept.read(next, MOST)) {
        put(some);
        written += 1;
      }
      return written;
    },
    erase: (isOver) => {
      const over = [...manifests].filter(([, { batches }]) => isOver(batches));
      for (const [name, { object }] of over) {
        // The manifest goes last: a crash between leaves one that still says what is to be removed.
        for (const file of [object, name]) rmSync(join(dir, file), { force: true });
        syncFolder(dir);
        manifests.delete(name);
      }
      return over.map(([, { object }]) => object);
    },
  };
}

/** SHA-256 of the bytes of a file, as manifests say it. */
export const digestOfFile = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('base64url')}`;

function removeUnfinished(dir: string): void {
  for (const name of readdirSync(dir).filter((one) => /^\d{12}-\d{12}\./.test(one) && !one.endsWith(MANIFEST)))
    if (!existsSync(join(dir, `${name}${MANIFEST}`))) rmSync(join(dir, name), { force: true });
}

function objectOf(some: readonly KeptBatch[], format: ObjectFormat): [Uint8Array, ObjectManifest] {
  const rows = some.flatMap(rowsOf);
  const object = format.encode(rows);
  const [first, last] = [some[0]?.offset ?? 0, some.at(-1)?.offset ?? 0];
  const name = [first, last].map((offset) => String(offset).padStart(12, '0')).join('-');
  const sealed = some.map(({ sealedAt }) => sealedAt);
  const digest = digestOfFile(object);
  return [
    object,
    {
      ...{ typ: 'interlock-object', v: 1, object: `${name}.${format.name}`, format: format.name, digest, first, last },
      ...{ bytes: object.length, rows: rows.length, sealedFrom: Math.min(...sealed), sealedTo: Math.max(...sealed) },
      batches: some.map(({ batch }) => batch),
    },
  ];
}

const rowsOf = ({ offset, batch, machine, product, flow, sequence, presenter, observations }: KeptBatch) =>
  observations.map(
    ({ at, key, value }): ObservationRow => ({
      ...{ offset, batch, machine: `${machine.owner}/${machine.id}`, product, flow, sequence },
      presenter: presenter && `${presenter.organisation}/${presenter.id}`,
      ...{ at, key, value },
    }),
  );
