export * from './expand-closed.js';
export * from './expand-recurrence.js';
export * from './zone-clock.js';
export * from './zone-offsets.js';
export * from './zones-differ.js';
