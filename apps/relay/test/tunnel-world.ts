import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  acceptSession,
  type ConnectorSession,
  type GatewaySession,
  type Leaf,
  makeLeaf,
  openSession,
  type RelayAddress,
  type SessionOffer,
  type SessionRequest,
  type SignedReceipt,
} from '@interlock/company-side';
import { signedReceipt } from '@interlock/contracts';
import { allow, type Decision, type Thumbprint } from '@interlock/domain';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import { Relay, type RelaySettings } from '../src/relay.js';

export const SETTINGS: RelaySettings = {
  host: '127.0.0.1',
  port: 0,
  waiting: 512,
  waitingPerAddress: 512,
  pairs: 1_024,
  requestMs: 5_000,
  partnerMs: 5_000,
  idleMs: 0,
};

export interface Identity {
  readonly leaf: Leaf;
  readonly thumbprint: Thumbprint;
}

export async function anIdentity(curve: 'Ed25519' | 'P-256' = 'Ed25519'): Promise<Identity> {
  const { privateKey } =
    curve === 'P-256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return { leaf: await makeLeaf(privateKey, Date.now()), thumbprint: thumbprintOf(publicJwkOf(privateKey)) };
}

const DIGEST = `sha256:${'A'.repeat(43)}`;

export function aReceipt(moment: 'opening' | 'closing', by: 'gateway' | 'connector', bytes = 0): SignedReceipt {
  return signedReceipt.parse({
    document: {
      typ: 'receipt',
      v: 1,
      moment,
      by,
      session: `ses_${'0'.repeat(26)}`,
      grant: DIGEST,
      agreement: DIGEST,
      subject: { organisation: 'vendor.example', kind: 'person', id: 'technician' },
      resource: { owner: 'plant.example', id: 'press-7' },
      gateway: { organisation: 'plant.example', id: 'gateway-1' },
      jkt: 'A'.repeat(43),
      at: 0,
      code: null,
      bytes,
    },
    signatures: [{ form: 'jws', protected: 'e30', signature: 'AA' }],
  });
}

/** Everything opened for one test; closed in reverse order. */
export class Opened implements AsyncDisposable {
  readonly #closers: (() => unknown)[] = [];

  later(close: () => unknown): void {
    this.#closers.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

export async function aRelay(opened: Opened, settings: Partial<RelaySettings> = {}) {
  const relay = new Relay({ ...SETTINGS, ...settings });
  const port = await relay.start();
  opened.later(() => relay.stop());
  return { relay, address: { host: '127.0.0.1', port } };
}

/** A machine: a TCP server on loopback. `accepted` counts connections that reached it. */
export async function aMachine(opened: Opened, serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.later(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: { host: '127.0.0.1', port }, sockets, accepted: () => accepted };
}

export const aRendezvous = (): string => randomBytes(16).toString('base64url');

export interface SessionParts {
  readonly relay: RelayAddress;
  readonly gateway: Identity;
  readonly connector: Identity;
  readonly machine: RelayAddress;
  readonly offer?: Partial<SessionOffer>;
  readonly request?: Partial<SessionRequest>;
}

/** Both ends of one session, before either has met the other. */
export function bothEnds(opened: Opened, parts: SessionParts) {
  const rendezvous = aRendezvous();
  const gateway = acceptSession({
    relay: parts.relay,
    rendezvous,
    tls: parts.gateway.leaf,
    expectedPeer: parts.connector.thumbprint,
    onHello: async () => allow({ endsAt: 1, approvedBy: ['first approver'], receipt: aReceipt('opening', 'gateway') }),
    onOpen: async () => allow(parts.machine),
    ...parts.offer,
  });
  opened.later(async () => {
    gateway.close('test_over');
    await gateway.finished;
  });
  const connector = openSession({
    relay: parts.relay,
    rendezvous,
    tls: parts.connector.leaf,
    expectedGateway: parts.gateway.thumbprint,
    hello: { ticket: 'a.ticket', loginProof: 'a.login.proof' },
    onWelcome: async () => allow(aReceipt('opening', 'connector')),
    ...parts.request,
  });
  return { gateway, connector, rendezvous };
}

export async function aSession(
  opened: Opened,
  parts: SessionParts,
): Promise<{ gateway: GatewaySession; connector: ConnectorSession }> {
  const { gateway, connector } = bothEnds(opened, parts);
  return { gateway, connector: granted(await connector) };
}

/** The value of a yes; a no fails the test with its code. */
export function granted<T>(decision: Decision<T>): T {
  if (decision.allowed) return decision.value;
  throw new Error(`refused: ${decision.refusal.code} ${decision.refusal.detail ?? ''}`);
}

export const codeOf = (decision: Decision<unknown>): string => (decision.allowed ? 'allowed' : decision.refusal.code);

/** Polls a condition; fails after `longestMs`. */
export async function until(holds: () => boolean, longestMs = 5_000): Promise<void> {
  const end = performance.now() + longestMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error('the condition did not come to hold');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
