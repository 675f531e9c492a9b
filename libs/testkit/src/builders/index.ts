export * from './a-company.js';
export * from './a-right.js';
