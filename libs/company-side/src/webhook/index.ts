export * from './hand-over.js';
export * from './post.js';
export * from './signed-message.js';
