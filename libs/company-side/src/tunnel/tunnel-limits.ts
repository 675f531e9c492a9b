/** What a peer may take before it has shown who it is, and after. Times in milliseconds. */
export interface TunnelLimits {
  /** TCP connection to a relay or a machine. */
  readonly connectMs: number;
  /** Waiting at the relay for the other end. */
  readonly partnerMs: number;
  /** The TLS handshake, from the moment the other end is there. */
  readonly handshakeMs: number;
  /** From the handshake to the hello. */
  readonly helloMs: number;
  /** From the hello to the gateway's word on it. */
  readonly decisionMs: number;
  /** From a stream's end to the byte count that confirms it. */
  readonly confirmMs: number;
  /** From the cut to the end of the control stream: the last word and the receipts. */
  readonly farewellMs: number;
  /** Streams of one session at one time. */
  readonly streams: number;
}

export const TUNNEL_LIMITS: TunnelLimits = {
  connectMs: 5_000,
  partnerMs: 30_000,
  handshakeMs: 5_000,
  helloMs: 5_000,
  decisionMs: 15_000,
  confirmMs: 5_000,
  farewellMs: 1_000,
  streams: 64,
};
