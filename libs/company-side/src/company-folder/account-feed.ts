import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { HTTPS_ELSEWHERE, isSafeWebAddress } from '@interlock/contracts';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const address = z.url().refine(isSafeWebAddress, HTTPS_ELSEWHERE);
const feed = z.strictObject({
  v: z.literal(1),
  /** Whose Security Event Tokens count, for which audience, and where their keys are. */
  signals: z
    .strictObject({ issuer: z.url(), audience: z.string().min(1).max(500), jwksUri: address, poll: address.optional() })
    .optional(),
});
export type AccountFeed = z.infer<typeof feed>;

/** How the company's own provider tells its agent of accounts. */
export interface HeldFeed extends AccountFeed {
  /** What the provider shows when it pushes an event or changes an account (RFC 6750). */
  readonly token: string;
  /** What the agent shows when it polls; undefined where nothing is polled. */
  readonly pollToken: string | undefined;
}

/** Undefined where the company set none up: then every door for it is shut. */
export function readAccountFeed(dir: string): HeldFeed | undefined {
  const { accountFeed, accountToken, accountPollToken } = layout(dir);
  const read = readJsonIfThere(accountFeed);
  if (read === undefined || !existsSync(accountToken)) return undefined;
  const poll = existsSync(accountPollToken) ? readFileSync(accountPollToken, 'utf8').trim() : undefined;
  return { ...feed.parse(read), token: readFileSync(accountToken, 'utf8').trim(), pollToken: poll };
}

/** Writes what is followed, and a new token for the provider; returns where the token lies. */
export function setAccountFeed(dir: string, signals: AccountFeed['signals'], pollToken?: string): string {
  const { accountFeed, accountToken, accountPollToken } = layout(dir);
  const value = feed.parse({ v: 1, ...(signals && { signals }) });
  writeDurably(accountToken, randomBytes(32).toString('base64url'));
  if (pollToken !== undefined) writeDurably(accountPollToken, pollToken);
  writeDurably(accountFeed, `${JSON.stringify(value, null, 2)}\n`);
  return accountToken;
}
