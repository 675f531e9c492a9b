import type { KeyObject } from 'node:crypto';
import {
  formatVkey,
  type Hash,
  logNoteKey,
  logOrigin,
  type NoteKey,
  rawEd25519,
  signCheckpoint,
} from '@interlock/proof';

/** The broker's log key. It makes a log's history attributable; it allows nothing. */
export interface LogSigner {
  /** The checkpoint note of one log. Only called with what is stored, before the note is shown to anyone. */
  sign(log: string, size: number, root: Hash): string;
  /** The verifier key text of one log. */
  vkey(log: string): string;
}

/** A signer for all logs of the broker of this name. Throws when name and key cannot make a note key. */
export function logSigner(broker: string, privateKey: KeyObject): LogSigner {
  const publicKey = rawEd25519(privateKey);
  const keyOf = (log: string): NoteKey => {
    const key = logNoteKey(broker, log, publicKey);
    if (!key.allowed) throw new Error(`${broker} cannot name a log; use a domain name`);
    return key.value;
  };
  return {
    sign: (log, size, root) => signCheckpoint({ origin: logOrigin(broker, log), size, root }, keyOf(log), privateKey),
    vkey: (log) => formatVkey(keyOf(log)),
  };
}
