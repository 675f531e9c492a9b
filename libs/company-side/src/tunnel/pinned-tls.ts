import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { allow, type Decision, refuse, type Thumbprint } from '@interlock/domain';
import type { CutSet } from './cut-set.js';
import { type Leaf, peerThumbprint } from './leaf.js';
import { carriedBy, reset, SOCKET_BUFFER_BYTES } from './splice.js';

export type HandshakeRefusal =
  | 'peer_key_mismatch'
  | 'peer_key_missing'
  | 'stream_misplaced'
  | 'handshake_failed'
  | 'handshake_late';

/** Whom to expect, and with what to prove ourselves. One context serves all streams of a session, and no other session. */
export interface PinnedPeer {
  readonly context: SecureContext;
  readonly expected: Thumbprint;
  readonly handshakeMs: number;
}

/** Which stream of which session a connection was dialled for. */
export interface StreamPlace {
  readonly rendezvous: string;
  readonly stream: number;
}

/**
 * The place as a TLS server name (RFC 6066): part of the signed handshake, so a relay that joins the ends of two streams, or of two sessions of
 * one machine's key, joins nothing. It says to the relay only what the relay was told.
 */
export const streamServerName = ({ rendezvous, stream }: StreamPlace): string =>
  `s${stream}.${createHash('sha256').update(rendezvous).digest('hex').slice(0, 32)}.tunnel`;

type Proven = Promise<Decision<TLSSocket, HandshakeRefusal>>;

/**
 * The TLS settings of one session: 1.3 only, the two signature algorithms that leaf keys can have, AES-128-GCM first (the fastest of
 * the three here by measurement). Throws where key and certificate do not fit.
 */
export const pinnedContext = (leaf: Leaf): SecureContext =>
  createSecureContext({
    key: leaf.key,
    cert: leaf.cert,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384',
    sigalgs: 'ed25519:ecdsa_secp256r1_sha256',
    ecdhCurve: 'X25519:P-256',
  });

const ALPN = ['interlock-tunnel/1'];
// Chains and names are not consulted: the peer is the key that signed the handshake, compared below before a byte is read.
const KEY_IS_THE_IDENTITY = { rejectUnauthorized: false, highWaterMark: SOCKET_BUFFER_BYTES, ALPNProtocols: ALPN };

/** The connector's half of the handshake: answers only if the gateway proved the expected key. The socket
 * is gone otherwise, and in `cut` from the start. */
export function secureAsConnector(raw: Socket, peer: PinnedPeer, place: StreamPlace, cut: CutSet): Proven {
  const tls = connect({
    ...KEY_IS_THE_IDENTITY,
    socket: raw,
    secureContext: peer.context,
    servername: streamServerName(place),
    checkServerIdentity: () => undefined,
  });
  cut.add(carriedBy(tls, raw));
  return provenPeer(tls, peer);
}

/** The gateway's half of the handshake: answers only if the connector proved the expected key. The socket
 * is gone otherwise, and in `cut` from the start. */
export function secureAsGateway(raw: Socket, peer: PinnedPeer, place: StreamPlace, cut: CutSet): Proven {
  const tls = new TLSSocket(raw, {
    ...KEY_IS_THE_IDENTITY,
    isServer: true,
    requestCert: true,
    secureContext: peer.context,
  });
  cut.add(carriedBy(tls, raw));
  return provenPeer(tls, peer, streamServerName(place));
}

function provenPeer(tls: TLSSocket, peer: PinnedPeer, name?: string): Proven {
  return new Promise((resolve) => {
    const fail = (code: HandshakeRefusal, detail?: string) => {
      clearTimeout(timer);
      reset(tls);
      resolve(refuse(code, detail === undefined ? {} : { detail }));
    };
    const timer = setTimeout(() => fail('handshake_late'), peer.handshakeMs);
    // Stays for the socket's whole life: a fault of the network is never an uncaught exception.
    tls.on('error', (fault) => fail('handshake_failed', fault.message));
    const onClose = () => fail('handshake_failed', 'the connection ended');
    tls.once('close', onClose);
    tls.once('secure', () => {
      const shown = peerThumbprint(tls);
      if (shown === undefined) return fail('peer_key_missing');
      if (shown !== peer.expected) return fail('peer_key_mismatch', shown);
      if (name !== undefined && serverNameOf(tls) !== name) return fail('stream_misplaced');
      clearTimeout(timer);
      tls.off('close', onClose);
      return resolve(allow(tls));
    });
  });
}

/** What the connector put into its handshake; Node sets it on a server's socket and types it nowhere. */
const serverNameOf = (tls: TLSSocket): unknown => (tls as { readonly servername?: unknown }).servername;
