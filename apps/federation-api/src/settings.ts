import { webLink } from '@interlock/contracts';
import { z } from 'zod';

/** This service's own settings. */
export const settings = {
  /** Origin under which companies reach this API, without a path: a caller proof is made for exactly this one. */
  PUBLIC_ORIGIN: webLink(),
  /** What anybody may ask without proving anything, per address and second; three times as much at once. */
  API_STRANGERS_PER_SECOND: z.coerce.number().int().min(1).max(1_000_000).default(20),
  /** Requests one company may make per second on average; twice as many at once. What it has beyond is told to wait. */
  API_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).max(1_000_000).default(500),
};
export type Settings = z.output<z.ZodObject<typeof settings>>;

/** As it stands in caller proofs and tickets. */
export const originOf = (set: Settings): string => set.PUBLIC_ORIGIN.replace(/\/$/, '');
