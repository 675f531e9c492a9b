import { instant, thumbprint } from '@interlock/contracts';
import type { HolderKind, Instant, KeyCertificate, LocalId, Purpose, Thumbprint } from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { readCertificates } from './certify.js';
import { layout } from './layout.js';
import { readPasskeys } from './passkey-files.js';

const retired = z.array(z.strictObject({ key: thumbprint, at: instant }));

/** The keys that others took the place of, with when. */
export function readRetired(dir: string): ReadonlyMap<Thumbprint, Instant> {
  const read = retired.parse(readJsonIfThere(layout(dir).retired) ?? []);
  return new Map(read.map(({ key, at }) => [key, at]));
}

/** Remembers that another key took the place of this one, so that nobody renews its certificate. */
export function retire(dir: string, key: Thumbprint, at: Instant): void {
  const all = [...new Map(readRetired(dir)).set(key, at)];
  writeDurably(
    layout(dir).retired,
    `${JSON.stringify(
      all.map(([name, when]) => ({ key: name, at: when })),
      null,
      2,
    )}\n`,
  );
}

/** The newest certificate of a holder, for one purpose where it is named, of a key that lies in a file and was not rotated out. */
export function currentCertificate(
  dir: string,
  kind: HolderKind,
  id: LocalId,
  purpose?: Purpose,
): KeyCertificate | undefined {
  const passkeys = kind === 'person' ? readPasskeys(dir, id) : [];
  const gone = new Set([...readRetired(dir).keys(), ...passkeys.map(({ key }) => thumbprintOf(key))]);
  return readCertificates(dir)
    .map(({ document }) => document)
    .filter(({ holder, purposes }) => {
      const isTheirs = holder.kind === kind && holder.id === id;
      return isTheirs && (purpose === undefined || purposes.includes(purpose));
    })
    .filter(({ key }) => !gone.has(thumbprintOf(key)))
    .sort((a, b) => b.notBefore - a.notBefore)[0];
}
