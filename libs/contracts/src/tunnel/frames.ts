import { z } from 'zod';
import { signedReceipt } from '../documents/documents.js';
import { actionName, count, instant } from '../documents/names.js';
import { LAST_STREAM } from './relay-request.js';

/** Longest frame of a control stream, newline included. */
export const FRAME_MAX_BYTES = 16_384;

const code = z.string().regex(/^[a-z0-9][a-z0-9_]{0,79}$/);
const clause = z.string().min(1).max(256);
const stream = z.int().min(1).max(LAST_STREAM);
const token = z.string().min(1).max(8_000);

/**
 * How many bytes this side sent on a stream that it ended. A stream end without it is a truncation, since whoever
 * carries the ciphertext can close a TCP connection (RFC 8446 6.1).
 */
const ended = z.strictObject({ t: z.literal('ended'), stream, bytes: count });

/** Connector -> gateway on the control stream, one JSON object per line. */
export const connectorTunnelFrame = z.discriminatedUnion('t', [
  /** The first frame. A machine has no login proof: its leaf key is its identity. */
  z.strictObject({ t: z.literal('hello'), v: z.literal(1), ticket: token, loginProof: token.nullable() }),
  /** `service` is the owner's name of a service, such as `ssh`. Never an address: only the gateway knows those. */
  z.strictObject({ t: z.literal('open'), stream, service: actionName }),
  /** The connector's opening receipt after the welcome, its closing receipt after `closed`. */
  z.strictObject({ t: z.literal('receipt'), receipt: signedReceipt }),
  ended,
  z.strictObject({ t: z.literal('bye') }),
]);
export type ConnectorTunnelFrame = z.infer<typeof connectorTunnelFrame>;

/** Gateway -> connector on the control stream, one JSON object per line. */
export const gatewayTunnelFrame = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('welcome'),
    endsAt: instant,
    /** Who approved, as the connector may show it. */
    approvedBy: z.array(z.string().min(1).max(256)).max(16),
    receipt: signedReceipt,
  }),
  z.strictObject({ t: z.literal('opened'), stream }),
  /** Without a stream: the session. */
  z.strictObject({ t: z.literal('refused'), stream: stream.optional(), code, clause: clause.optional() }),
  ended,
  z.strictObject({ t: z.literal('ending'), at: instant, why: code }),
  /** Every data stream is dead when this is sent. */
  z.strictObject({ t: z.literal('closed'), code, receipt: signedReceipt.optional() }),
]);
export type GatewayTunnelFrame = z.infer<typeof gatewayTunnelFrame>;

/** Faults of a tunnel itself. Refusals of rights have their own codes and pass through unchanged. */
export const TUNNEL_REFUSALS = {
  peer_key_mismatch: 'the key used in the TLS handshake is not the one that was named for this session',
  peer_key_missing: 'the peer showed no key in the TLS handshake',
  stream_misplaced: 'the relay joined two ends that were not dialled for the same stream of the same session',
  handshake_failed: 'the peer did not complete a TLS 1.3 handshake',
  handshake_late: 'the peer did not complete the TLS handshake in time',
  hello_late: 'no hello came in time after the handshake',
  hello_expected: 'the first frame must be a hello',
  hello_repeated: 'a session has one hello',
  frame_malformed: 'a frame was not the JSON object of its kind',
  frame_unknown: 'a frame of an unknown kind came',
  frame_too_long: `a frame must be at most ${FRAME_MAX_BYTES} bytes, newline included`,
  frames_not_read: 'the peer does not read the frames of its control stream',
  frames_too_many: 'more frames of one kind came than a session can need',
  stream_number_used: 'every stream of a session has its own number',
  streams_too_many: 'too many streams are open in this session; end some first',
  stream_truncated: 'a stream ended before all bytes that were sent had arrived',
  stream_failed: 'the stream could not be carried through the relay',
  service_unreachable: 'the gateway may reach this service but its machine did not answer',
  control_lost: 'the control stream ended without a word; every stream of the session was closed',
  relay_unreachable: 'the relay did not answer',
  decision_failed: 'the gateway could not come to a decision; its own log says why',
  decision_late: 'the gateway did not answer the hello in time',
  ended_by_subject: 'the connector ended the session',
} as const;
export type TunnelRefusalCode = keyof typeof TUNNEL_REFUSALS;
