import type { KeyObject } from 'node:crypto';
import { type Leaf, makeLeaf } from '@interlock/company-side';

const RENEW_EVERY = 6 * 3_600_000;

/** The certificate that carries the gateway's key into a tunnel's handshake, made again long before it is out of date. */
export async function tunnelLeaf(key: KeyObject): Promise<{ readonly current: () => Leaf; stop(): void }> {
  let leaf = await makeLeaf(key, Date.now());
  const renew = () =>
    makeLeaf(key, Date.now()).then(
      (fresh) => (leaf = fresh),
      // The old one is good for a day: the next try is in time.
      () => undefined,
    );
  const timer = setInterval(() => void renew(), RENEW_EVERY);
  return { current: () => leaf, stop: () => clearInterval(timer) };
}
