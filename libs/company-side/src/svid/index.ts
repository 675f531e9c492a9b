export * from './svid-issuer.js';
