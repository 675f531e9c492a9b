import { evidenceAppend, evidenceRowSecurity, evidenceTables } from './0001-evidence.js';
import { entryLabels } from './0004-labels.js';
import { sourceHeads } from './0005-source-heads.js';
import { withheldMembers } from './0006-withheld.js';
import { keeping } from './0007-keeping.js';
import { parkedIsErased } from './0310-parked-is-erased.js';

/** Every step of this schema, in order. */
export const MIGRATIONS = [
  evidenceTables,
  evidenceRowSecurity,
  evidenceAppend,
  entryLabels,
  sourceHeads,
  withheldMembers,
  keeping,
  parkedIsErased,
];
