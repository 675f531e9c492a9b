export * from './connector-end.js';
export * from './dial-relay.js';
export * from './gateway-end.js';
export type { MachineAddress } from './gateway-stream.js';
export { StreamTruncated } from './hold-end.js';
export * from './leaf.js';
export * from './splice.js';
export * from './take-line.js';
export { TUNNEL_LIMITS, type TunnelLimits } from './tunnel-limits.js';
