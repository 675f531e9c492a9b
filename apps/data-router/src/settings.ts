import { localId } from '@interlock/contracts';
import { z } from 'zod';

/** One region this service operates. Paths are absolute. */
export const regionSettings = z.strictObject({
  region: localId,
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65_535),
  /** Folder with the region's own keys; `region-config` makes them. */
  keys: z.string().min(1),
  /** Certificate (PEM) the region's endpoint shows. Read again at each connect, since it is renewed. */
  certificate: z.string().min(1),
  /** Servers in the region's cluster. */
  servers: z.number().int().min(1).max(9).default(1),
});
export type RegionSettings = z.output<typeof regionSettings>;

const regionList = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON list of regions' });
      return z.NEVER;
    }
  })
  .pipe(z.array(regionSettings).max(64))
  .refine((all) => new Set(all.map((one) => one.region)).size === all.length, 'names a region twice');

/** The data router's own settings, beside those of every service. */
export const routerSettings = {
  /** `[{"region":"eu-1","host":"127.0.0.1","port":4333,"keys":"/srv/eu-1/keys","certificate":"/srv/eu-1/endpoint.crt"}]` */
  ROUTER_REGIONS: regionList,
  /** Most bytes kept for one flow in one region; a full stream refuses, it drops nothing. */
  ROUTER_FLOW_BYTES: z.coerce
    .number()
    .int()
    .min(1_048_576)
    .max(2 ** 40)
    .default(268_435_456),
  /** Life of a bus user's JWT. Seconds. Bounds what a cut cannot reach. */
  ROUTER_USER_SECONDS: z.coerce.number().int().min(300).max(900).default(900),
  /** How often the bus and the documents are looked at without any news. Milliseconds. */
  ROUTER_CHECK_EVERY_MS: z.coerce.number().int().min(1_000).max(300_000).default(30_000),
};
export type RouterSettings = z.output<z.ZodObject<typeof routerSettings>>;
