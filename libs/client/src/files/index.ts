export * from './drop-box.js';
export * from './file-events.js';
