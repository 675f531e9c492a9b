export * from './account-feed.js';
export * from './add-collector.js';
export * from './add-gateway.js';
export * from './add-person.js';
export * from './add-pin.js';
export { newestEntity as newestEntityOf, readCertificates, readEntities } from './certify.js';
export { certifyPasskey } from './certify-passkey.js';
export * from './decision-point.js';
export * from './init-company.js';
export { openPersonKey, readKeyFile, readSigner, SHORTEST_PASSPHRASE } from './key-files.js';
export * from './layout.js';
export * from './lock-folder.js';
export * from './passkey-files.js';
export * from './read-company.js';
export {
  type EntityChange,
  renewCertificates,
  renewEntity,
  takeNextEpoch,
} from './renew.js';
export * from './role-mapping.js';
export * from './rotate-key.js';
export * from './rotate-root.js';
export * from './seen-checkpoints.js';
export { setApproverHours } from './set-approver-hours.js';
export * from './set-deputy.js';
export * from './settings.js';
export * from './sign-offline.js';
export * from './signal-streams.js';
export type { TokenPlace } from './token-key.js';
