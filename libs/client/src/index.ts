export type { Numbered } from './batched.js';
export * from './files/index.js';
export * from './keeping/index.js';
export { KeysThatCount } from './keys-that-count.js';
export * from './open-remote.js';
export * from './pull-sealed.js';
export * from './push-events.js';
