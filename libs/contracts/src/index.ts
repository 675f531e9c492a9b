export * from './channel/deliveries.js';
export * from './channel/frames.js';
export * from './config.js';
export * from './documents/agreement.js';
export * from './documents/annexes.js';
export * from './documents/batch.js';
export * from './documents/documents.js';
export { erasureProof } from './documents/erasure-proof.js';
export * from './documents/keys.js';
export * from './documents/names.js';
export { quarantineRelease } from './documents/quarantine-release.js';
export * from './documents/rights.js';
export * from './documents/role-mapping.js';
export { telemetrySource } from './documents/telemetry-source.js';
export * from './documents/terms.js';
export * from './documents/tokens.js';
export { usageStatement } from './documents/usage-statement.js';
export * from './events/data-router-events.js';
export * from './events/define-event.js';
export * from './events/define-request.js';
export * from './events/grant-events.js';
export * from './events/internal-bus-config.js';
export * from './events/registry-events.js';
export * from './events/streams.js';
export * from './events/subjects.js';
export * from './evidence.js';
export * from './evidence-of.js';
export * from './exact-json.js';
export * from './explain.js';
export { FAULTS, unavailable } from './faults.js';
export * from './http/authzen.js';
export * from './http/federation-api.js';
export * from './http/oauth.js';
export * from './http/problem.js';
export * from './http/schema-names.js';
export {
  busLink,
  type DatabaseConnection,
  databaseConnection,
  databaseLink,
  HTTPS_ELSEWHERE,
  isSafeWebAddress,
  isThisMachine,
  webLink,
} from './links.js';
export * from './metrics.js';
export * from './refusal-row.js';
export * from './refusals.js';
export { RELEASE } from './release.js';
export * from './requests/audit.js';
export * from './requests/data-router.js';
export * from './requests/decided.js';
export * from './requests/decisions.js';
export * from './requests/grants.js';
export * from './requests/registry.js';
export * from './requests/scan.js';
export * from './requests/tokens.js';
export * from './telemetry/read-push.js';
export * from './traceparent.js';
export * from './tunnel/frames.js';
export * from './tunnel/relay-request.js';
