import { OPERATOR_SETTINGS } from '@interlock/company-side';
import { readConfig } from '@interlock/contracts';
import { z } from 'zod';

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** The relay's settings. Every one has a default that is safe on the open internet except the region, which only its host knows. */
export const relayConfig = (env: Readonly<Record<string, string | undefined>>) =>
  readConfig(
    {
      RELAY_HOST: z.string().default('127.0.0.1'),
      /** 0 lets the kernel choose; the port is in the ready line. */
      RELAY_PORT: whole(0, 65_535).default(0),
      /** Agreements say in which regions a relay may lie. It is shown, never proven: ends read it from their own agreement. */
      RELAY_REGION: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be lower-case letters, digits and hyphens'),
      /** Connections without a partner; each costs about 12 KiB. */
      RELAY_MAX_WAITING: whole(2, 100_000).default(2_048),
      /** A company's gateways and laptops may share one address, so this is no per-person limit. */
      RELAY_MAX_WAITING_PER_ADDRESS: whole(2, 100_000).default(512),
      RELAY_MAX_PAIRS: whole(1, 100_000).default(8_192),
      RELAY_REQUEST_SECONDS: whole(1, 60).default(5),
      RELAY_PARTNER_SECONDS: whole(1, 600).default(30),
      /** 0: a silent pair lives on; whether a session is over is the gateway's to say. */
      RELAY_IDLE_SECONDS: whole(0, 86_400).default(0),
      ...OPERATOR_SETTINGS,
      INTERLOCK_PARENT_PIPE: z.enum(['0', '1']).default('0'),
    },
    env,
  );
