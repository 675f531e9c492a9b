export * from './judge-by-policies.js';
