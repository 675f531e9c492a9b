import type { Socket } from 'node:net';
import type { RelayRequest } from '@interlock/contracts';

export interface Guest {
  readonly socket: Socket;
  readonly asked: RelayRequest;
  /** Called once the guest has its partner, before anything is sent to either. */
  readonly called: () => void;
}

export type Meeting =
  | { readonly outcome: 'waits' }
  | { readonly outcome: 'met'; readonly partner: Guest }
  | { readonly outcome: 'role_taken' };

/**
 * Who waits for whom. A place is one rendezvous, one stream; the first of each role has it. Nothing is kept about a pair that met:
 * the same names may be used again, and only the ends can tell whether they should.
 */
export class WaitingRoom {
  readonly #places = new Map<string, Guest>();

  /** Brings a guest in; where its partner already waits, both leave together. */
  enter(guest: Guest): Meeting {
    const place = placeOf(guest);
    const there = this.#places.get(place);
    if (!there) {
      this.#places.set(place, guest);
      return { outcome: 'waits' };
    }
    // A stranger who guessed nothing cannot push a waiting end out of its place.
    if (there.asked.role === guest.asked.role) return { outcome: 'role_taken' };
    this.#places.delete(place);
    return { outcome: 'met', partner: there };
  }

  /** A guest that gives up frees its own place, never another's. */
  leave(guest: Guest): void {
    const place = placeOf(guest);
    if (this.#places.get(place) === guest) this.#places.delete(place);
  }

  get size(): number {
    return this.#places.size;
  }
}

const placeOf = ({ asked }: Guest): string => `${asked.rendezvous}/${asked.stream}`;
