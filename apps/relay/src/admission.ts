import { isIPv6 } from 'node:net';

export interface AdmissionLimits {
  /** Connections without a partner, all together. */
  readonly waiting: number;
  /** Connections without a partner, from one address (IPv6: from one /64). */
  readonly waitingPerAddress: number;
  /** Pairs being carried. */
  readonly pairs: number;
}

/**
 * Counts what strangers may occupy. A connection waits from the moment it is accepted, so one that never says its first line is
 * counted like one whose partner never comes.
 */
export class Admission {
  readonly #waiting = new Map<string, number>();
  #waitingTotal = 0;
  #pairs = 0;

  constructor(private readonly limits: AdmissionLimits) {}

  /** Takes a waiting place for an address, or says which limit is reached. */
  wait(address: string): 'admitted' | 'relay_full' | 'relay_full_for_address' {
    const key = addressKey(address);
    const here = this.#waiting.get(key) ?? 0;
    if (here >= this.limits.waitingPerAddress) return 'relay_full_for_address';
    if (this.#waitingTotal >= this.limits.waiting || this.#pairs >= this.limits.pairs) return 'relay_full';
    this.#waiting.set(key, here + 1);
    this.#waitingTotal += 1;
    return 'admitted';
  }

  /** Gives the waiting place back: the connection ended, or met its partner. */
  stopWaiting(address: string): void {
    const key = addressKey(address);
    const left = (this.#waiting.get(key) ?? 1) - 1;
    if (left > 0) this.#waiting.set(key, left);
    else this.#waiting.delete(key);
    this.#waitingTotal -= 1;
  }

  pairMet(): void {
    this.#pairs += 1;
  }

  pairEnded(): void {
    this.#pairs -= 1;
  }

  get counts(): { waiting: number; pairs: number; addresses: number } {
    return { waiting: this.#waitingTotal, pairs: this.#pairs, addresses: this.#waiting.size };
  }
}

/** One holder of an IPv6 network has 2^64 addresses, so the network counts as one. */
function addressKey(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const front = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - front.length - tail.split(':').filter(Boolean).length;
  return [...front, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':').filter(Boolean)]
    .slice(0, 4)
    .join(':');
}
