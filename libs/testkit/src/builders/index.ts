export * from './a-company.js';
export * from './a-delegation.js';
export * from './a-passkey.js';
export * from './a-right.js';
export * from './a-standing-approval.js';
export * from './an-svid.js';
