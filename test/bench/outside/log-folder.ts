import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Transactor } from '@interlock/chassis/db';
import type { AgreementId, OrganisationId } from '@interlock/domain';
import {
  canonicalBytes,
  cosign,
  decodeBase64,
  filesOfLog,
  formatSignatureLine,
  formatTlogProof,
  formatVkey,
  parseNote,
  rawEd25519,
  witnessNoteKey,
} from '@interlock/proof';
import { prove } from '../../../apps/audit/src/commands/prove.js';
import { readTileResource } from '../../../apps/audit/src/commands/read-tile.js';
import { BUYER, VENDOR } from '../evidence/fixed-history.js';

const bytesOf = (base64: string): Buffer => {
  const bytes = decodeBase64(base64);
  if (!bytes) throw new Error('the audit service answered something that is not base64');
  return bytes;
};

/** A company's witness: cosigns as its agent does, and names its key as C2SP writes it. */
export interface Witness {
  readonly vkey: string;
  cosigned(note: string): string;
}

export function aWitness(organisation: OrganisationId): Witness {
  const privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey;
  const key = witnessNoteKey(organisation, rawEd25519(privateKey));
  if (!key.allowed) throw new Error(key.refusal.code);
  return {
    vkey: formatVkey(key.value),
    cosigned(note) {
      const parsed = parseNote(note);
      if (!parsed.allowed) throw new Error(parsed.refusal.code);
      const seconds = Math.floor(Date.now() / 1_000);
      return formatSignatureLine(cosign(parsed.value.text, key.value, privateKey, seconds));
    },
  };
}

/** What the audit service answers about one log, in a folder, as somebody who has none of our programs would hold it. */
export async function writeLog(
  transactor: Transactor,
  log: AgreementId,
  folder: string,
  of: { readonly logKey: string; readonly olderSize: number; readonly indexes: readonly number[] },
): Promise<void> {
  const keep = (name: string, bytes: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  const ask = async (more: { readonly treeSize?: number; readonly oldSize?: number }, indexes: readonly number[]) => {
    const answer = await transactor.run((tx) =>
      prove(tx, { organisation: BUYER, log, indexes: [...indexes], ...more }),
    );
    if (!answer.allowed) throw new Error(answer.refusal.code);
    return answer.value;
  };
  const witnesses = [VENDOR, BUYER].map(aWitness);
  const newest = await ask({ oldSize: of.olderSize }, of.indexes);
  const checkpoint = newest.checkpoint + witnesses.map((one) => one.cosigned(newest.checkpoint)).join('');
  keep('keys', [of.logKey, ...witnesses.map(({ vkey }) => vkey), ''].join('\n'));
  keep('checkpoint', checkpoint);
  keep('checkpoint.older', (await ask({ treeSize: of.olderSize }, [])).checkpoint);
  keep('consistency', `${newest.consistency?.join('\n')}\n`);
  for (const { index, record, proof } of newest.inclusion) {
    keep(`${index}.record`, canonicalBytes(record));
    keep(`${index}.tlog-proof`, formatTlogProof({ index, path: proof.map(bytesOf), checkpoint }));
  }
  for (const { path } of filesOfLog(newest.treeSize)) {
    const tile = await transactor.run((tx) => readTileResource(tx, { organisation: BUYER, log, path }));
    if (!tile.allowed) throw new Error(`${path}: ${tile.refusal.code}`);
    keep(path, Buffer.from(tile.value.body, 'base64'));
  }
}
