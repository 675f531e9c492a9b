export * from './expand-closed.js';
export * from './expand-recurrence.js';
