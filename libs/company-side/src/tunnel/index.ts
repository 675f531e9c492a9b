export * from './dial-relay.js';
export * from './leaf.js';
export * from './splice.js';
export * from './take-line.js';
