import { createHash, timingSafeEqual } from 'node:crypto';
import type { Instant } from '@interlock/domain';

/** Things that are handed out under a secret and can be taken back exactly once, for a short time. */
export interface OneTime<T> {
  put(value: T, now: Instant): string;
  /** Whatever comes of it, the secret is used up. */
  take(secret: string, now: Instant): T | undefined;
}

const MOST = 10_000;

/** `life` in milliseconds. Memory is bounded: the oldest are forgotten first. */
export function oneTime<T>(newSecret: () => string, life: number): OneTime<T> {
  const held = new Map<string, { readonly value: T; readonly endsAt: Instant }>();
  const keyOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
  return {
    put: (value, now) => {
      for (const [key, one] of held) if (one.endsAt <= now) held.delete(key);
      if (held.size >= MOST) held.delete(held.keys().next().value ?? '');
      const secret = newSecret() + newSecret();
      held.set(keyOf(secret), { value, endsAt: now + life });
      return secret;
    },
    take: (secret, now) => {
      const key = keyOf(secret);
      const one = held.get(key);
      held.delete(key);
      return one && now < one.endsAt ? one.value : undefined;
    },
  };
}

/** RFC 7636 S256: whether this verifier is the one the challenge was made from. */
export function verifierFits(verifier: string, challenge: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  const digest = createHash('sha256').update(verifier).digest('base64url');
  return digest.length === challenge.length && timingSafeEqual(Buffer.from(digest), Buffer.from(challenge));
}
