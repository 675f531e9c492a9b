import type { Decision, OrganisationId } from '@interlock/domain';
import { NOTE_COSIGNATURE_V1, NOTE_ED25519, type NoteKey, type NoteRefusal, noteKey } from './note.js';

/** Where a log comes from, in checkpoints: the broker's own name, and the name of the log there. */
export const logOrigin = (broker: string, log: string): string => `${broker}/${log}`;

/** The key of one log: the broker has one key pair, and every log its own key name and so its own key id. */
export const logNoteKey = (broker: string, log: string, publicKey: Uint8Array): Decision<NoteKey, NoteRefusal> =>
  noteKey(logOrigin(broker, log), NOTE_ED25519, publicKey);

/** The key an organisation's witness cosigns with. */
export const witnessNoteKey = (organisation: OrganisationId, publicKey: Uint8Array): Decision<NoteKey, NoteRefusal> =>
  noteKey(`${organisation}/witness`, NOTE_COSIGNATURE_V1, publicKey);
