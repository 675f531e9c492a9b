import { OPERATOR_SETTINGS } from '@interlock/company-side';
import { readConfig } from '@interlock/contracts';
import { z } from 'zod';

const shape = {
  /** The unix socket on which it is asked; its folder says who may ask. */
  SCANNER_SOCKET: z.string().startsWith('/'),
  /** The unix socket of clamd. */
  SCANNER_CLAMD: z.string().startsWith('/'),
  /** The folder of clamd's signature database; its digest stands in every verdict. */
  SCANNER_DATABASE: z.string().startsWith('/'),
  /** How long clamd may take over one part. */
  SCANNER_DEADLINE_SECONDS: z.coerce.number().min(0.1).max(300).default(20),
  ...OPERATOR_SETTINGS,
  /** Set by the trial: end when standard input closes. */
  INTERLOCK_PARENT_PIPE: z.enum(['0', '1']).default('0'),
};

export const scannerConfig = (env: Readonly<Record<string, string | undefined>>) => readConfig(shape, env);
