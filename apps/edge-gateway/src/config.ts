import { OPERATOR_SETTINGS } from '@interlock/company-side';
import { HTTPS_ELSEWHERE, isSafeWebAddress, readConfig } from '@interlock/contracts';
import { z } from 'zod';

const shape = {
  /** Folder with provisioning.json, entity.json, certificate.json and key.pem from "interlock gateway provision". */
  GATEWAY_FOLDER: z.string(),
  /** The plant's local port, on loopback only; 0 takes a free one. */
  GATEWAY_LOCAL_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Address and port of the door for collectors in the plant's own network, e.g. `10.0.0.5:8443`; left out there is none. Port 0 takes a free one. */
  GATEWAY_INGEST: z
    .string()
    .regex(/^([0-9.]+|\[[0-9a-f:]+\]):\d{1,5}$/, 'must be an IP address and a port, as in 10.0.0.5:8443')
    .optional(),
  /** Unix socket of the scanner, for flows whose agreement asks for one; without it they deliver nothing. */
  GATEWAY_SCANNER: z.string().startsWith('/').optional(),
  /** File of the plant's lock-out input, e.g. `/sys/class/gpio/gpio17/value`; while it says anything but GATEWAY_LOCKOUT_RELEASED, all is closed. */
  GATEWAY_LOCKOUT_INPUT: z.string().min(1).optional(),
  GATEWAY_LOCKOUT_RELEASED: z.string().min(1).max(40).optional(),
  /** Decision point of the own company (an AuthZEN 1.0 evaluation endpoint) that must say yes before something opens; left out nobody is asked. */
  GATEWAY_DECISION_POINT: z.url().refine(isSafeWebAddress, HTTPS_ELSEWHERE).optional(),
  /** File with the bearer token that it knows this gateway by. */
  GATEWAY_DECISION_POINT_TOKEN_FILE: z.string().min(1).optional(),
  /** How long its answer is waited for; none by then is a no. */
  GATEWAY_DECISION_POINT_SECONDS: z.coerce.number().min(0.1).max(10).default(2),
  /** Space for evidence on disk; when it is full nothing new opens, and cuts still find room. */
  GATEWAY_JOURNAL_MIB: z.coerce.number().int().min(4).max(100_000).default(256),
  /** How often both sides are asked to say "still agreed"; well below the shortest lease. */
  GATEWAY_BEAT_SECONDS: z.coerce.number().min(0.2).max(3_600).default(10),
  ...OPERATOR_SETTINGS,
  /** Set by the trial: end when standard input closes. */
  INTERLOCK_PARENT_PIPE: z.enum(['0', '1']).default('0'),
};

export type GatewayConfig = ReturnType<typeof gatewayConfig>;
export const gatewayConfig = (env: Readonly<Record<string, string | undefined>>) => readConfig(shape, env);
