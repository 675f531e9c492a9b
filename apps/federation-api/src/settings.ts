import { z } from 'zod';

/** This service's own settings. */
export const settings = {
  /** Origin under which companies reach this API, without a path: a caller proof is made for exactly this one. */
  PUBLIC_ORIGIN: z.url({ protocol: /^https?$/ }),
};
export type Settings = z.output<z.ZodObject<typeof settings>>;

/** As it stands in caller proofs and tickets. */
export const originOf = (set: Settings): string => set.PUBLIC_ORIGIN.replace(/\/$/, '');
