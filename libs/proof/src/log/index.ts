export * from './base64.js';
export * from './checkpoint.js';
export * from './cosignature.js';
export * from './merkle.js';
export * from './merkle-proof.js';
export * from './note.js';
export * from './tlog-proof.js';
export * from './witness.js';
