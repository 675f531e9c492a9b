import { z } from 'zod';

/** Longest first line a relay reads before it hangs up, newline included. */
export const RELAY_REQUEST_MAX_BYTES = 512;
/** Longest answer line a dialer reads from a relay, newline included. */
export const RELAY_ANSWER_MAX_BYTES = 256;
/** Stream 0 of a rendezvous is the session's control stream. */
export const LAST_STREAM = 65_535;

export type TunnelRole = 'connector' | 'gateway';

/**
 * The secret name under which two ends meet: at least 128 random bits, unpadded base64url.
 * It only keeps strangers from occupying the place; who the peer is, the TLS leaf key says.
 */
export const rendezvous = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);

/** The one line a dialer sends to a relay before everything else is ciphertext. */
export const relayRequest = z.strictObject({
  v: z.literal(1),
  rendezvous,
  stream: z.int().min(0).max(LAST_STREAM),
  role: z.enum(['connector', 'gateway']),
});
export type RelayRequest = z.infer<typeof relayRequest>;

/** Why a relay hung up. Each says what the dialer can do about it. */
export const RELAY_REFUSALS = {
  relay_request_malformed: 'the first line must be {"v":1,"rendezvous":...,"stream":...,"role":...} and a newline',
  relay_request_too_long: `the first line must be at most ${RELAY_REQUEST_MAX_BYTES} bytes, newline included`,
  relay_request_late: 'the first line must be sent at once after connecting',
  relay_spoke_too_early: 'nothing may be sent after the first line before the answer',
  relay_full: 'this relay has no free places; try another of the allowed region, or later',
  relay_full_for_address: 'too many connections from this address wait here; end some, or try later',
  relay_role_taken: 'this role already waits at this rendezvous and stream; use a new stream number',
  relay_partner_absent: 'the other end did not come in time; ask for the session again',
} as const;
export type RelayRefusalCode = keyof typeof RELAY_REFUSALS;

export const relayAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum(Object.keys(RELAY_REFUSALS) as [RelayRefusalCode, ...RelayRefusalCode[]]),
    say: z.string().max(160).optional(),
  }),
]);
export type RelayAnswer = z.infer<typeof relayAnswer>;
