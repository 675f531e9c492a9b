import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { dialRelay, type RelayAddress, type StreamPlace, streamServerName } from '@interlock/company-side';
import { type aMachine, bothEnds, granted, type Identity, type Opened, type SessionParts } from './tunnel-world.js';

export interface PlayedWorld {
  readonly relay: RelayAddress;
  readonly machine: Awaited<ReturnType<typeof aMachine>>;
  readonly gateway: Identity;
  readonly connector: Identity;
}

/** A session's gateway end, met by a peer that the test plays itself on the control stream. */
export async function gatewayMetBy(opened: Opened, world: PlayedWorld, offer: SessionParts['offer'] = {}) {
  let hellos = 0;
  const { gateway, rendezvous } = bothEnds(opened, {
    ...world,
    machine: world.machine.address,
    offer: {
      onHello: async () => {
        hellos += 1;
        return { allowed: false, refusal: { code: 'outside_window' } };
      },
      ...offer,
    },
    request: { relay: { host: '127.0.0.1', port: 1 } },
  });
  const raw = granted(await dialRelay({ ...world.relay, rendezvous, stream: 0, role: 'connector' }));
  opened.later(() => raw.destroy());
  return { gateway, raw, place: { rendezvous, stream: 0 }, hellos: () => hellos };
}

/** Its handshake, with a key of the test's choosing, for the place it names. */
export async function secured(raw: Socket, identity: Identity | undefined, place?: StreamPlace): Promise<TLSSocket> {
  const named = place && { servername: streamServerName(place), checkServerIdentity: () => undefined };
  const tls = tlsConnect({
    socket: raw,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ...identity?.leaf,
    ...named,
  });
  tls.on('error', () => undefined);
  await once(tls, 'secureConnect');
  return tls;
}

/** Says it one byte after the other, each sooner than any deadline that a byte could put off. */
export function drip(on: Socket, bytes: Buffer): void {
  let at = 0;
  const drops = setInterval(() => on.write(bytes.subarray(at, ++at)), 20);
  on.once('close', () => clearInterval(drops));
}
