export { type Asking, answerOnce, KeyReused } from './answers.js';
export { countDeadLetters, type DeadLetter, listDeadLetters } from './dead-letters.js';
export { APPEND_ALL, appendAllEvidence, appendEvidence, appendJson } from './evidence.js';
export { type Migration, migration } from './migration.js';
export { append } from './outbox.js';
export { type InOne, Transactor } from './transactor.js';
export { EVERY_ORGANISATION, type TableAccess, type Tx } from './tx.js';
