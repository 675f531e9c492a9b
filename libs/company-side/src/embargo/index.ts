export * from './ask-about-grant.js';
export { embargoReader, type HeldEmbargo, type Imported, importList, type SnapshotRefusal } from './embargo-store.js';
export * from './keep-records.js';
export * from './read-lists.js';
export { ISO_DATE, readRuleFile } from './read-rule-file.js';
