import { z } from 'zod';

/** The audit service's own settings, beside those of every service. */
export const auditSettings = {
  /** The broker's own domain name: the first part of every log's origin, for ever. Changing it makes every log another log. */
  LOG_ORIGIN: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'must be a lower-case domain name'),
  /** Ed25519 private key of the logs, PEM (PKCS#8). Made at the first start, and never again once a checkpoint is signed. */
  LOG_KEY_FILE: z.string().min(1),
  /** Rest between two looks for new records. Milliseconds. A record is under a checkpoint within this and the next one. */
  SEQUENCE_EVERY_MS: z.coerce.number().int().min(10).max(1_000).default(50),
  /** Rest between two rounds of checkpoints. Milliseconds. Idle logs cost nothing in any of them. */
  CHECKPOINT_EVERY_MS: z.coerce.number().int().min(100).max(1_000).default(250),
};
