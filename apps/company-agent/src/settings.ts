import { OPERATOR_SETTINGS } from '@interlock/company-side';
import { webLink } from '@interlock/contracts';
import { z } from 'zod';

export const SETTINGS = {
  /** The company's folder, made by "interlock agent init". */
  AGENT_FOLDER: z.string(),
  AGENT_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free one; the ready line names it. It must fit the agent origin in the company's folder. */
  AGENT_PORT: z.coerce.number().int().min(0).max(65_535),
  /** How people reach this agent. Must be the one the company's folder and entity document name. */
  AGENT_ORIGIN: webLink(),
  BROKER_ORIGIN: webLink(),
  /** Zone in which windows are shown beside UTC, e.g. Europe/Vienna. */
  AGENT_TIME_ZONE: z.string().refine(isZone, 'is not a time zone of this machine').default('UTC'),
  /** Bytes the agent's own journal may take on disk. */
  AGENT_JOURNAL_BYTES: z.coerce.number().int().min(1_000_000).default(256_000_000),
  /** A program of the company that is told, within a second, what enters its inbox and what was cut. With it, the file of the secret that signs. */
  AGENT_WEBHOOK: webLink().optional(),
  AGENT_WEBHOOK_SECRET_FILE: z.string().optional(),
  /** Certificates (PEM) of who may stand at the end of the webhook; left out, the issuers that Node trusts. */
  AGENT_WEBHOOK_CA_FILE: z.string().optional(),
  ...OPERATOR_SETTINGS,
  INTERLOCK_PARENT_PIPE: z.enum(['0', '1']).default('0'),
};

export type AgentSettings = Readonly<z.output<z.ZodObject<typeof SETTINGS>>>;

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
