export * from './journal.js';
export { EMPTY_HEAD, type JournalHead, type JournalLine } from './line.js';
export { JournalDamaged } from './segments.js';
