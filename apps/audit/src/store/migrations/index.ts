import { evidenceAppend, evidenceRowSecurity, evidenceTables } from './0001-evidence.js';
import { entryLabels } from './0004-labels.js';
import { sourceHeads } from './0005-source-heads.js';
import { withheldMembers } from './0006-withheld.js';
import { keeping } from './0007-keeping.js';
import { parkedIsErased } from './0310-parked-is-erased.js';
import { ownDisclosures } from './0315-own-disclosures.js';
import { foundUnderRowSecurity } from './0316-found-under-row-security.js';
import { innerNodes } from './0317-inner-nodes.js';
import { parkedIsHandled } from './0371-parked-is-handled.js';
import { treeReads } from './0372-tree-reads.js';
import { approversAreErased } from './0380-approvers-are-erased.js';
import { proofInOneLook } from './0475-proof-in-one-look.js';

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
  ownDisclosures,
  foundUnderRowSecurity,
  innerNodes,
  parkedIsHandled,
  treeReads,
  approversAreErased,
  proofInOneLook,
];
