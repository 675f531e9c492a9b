export * from './hold-data.js';
export * from './kept-batches.js';
export * from './kept-time.js';
export * from './parquet.js';
export * from './positions.js';
export * from './push-batches.js';
export * from './serve-batches.js';
export * from './write-objects.js';
