import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const Account = z.strictObject({
  sub: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  name: z.string().min(1).max(128),
  email: z.email().max(254),
  groups: z.array(z.string().min(1).max(64)).max(64).default([]),
  password: z.string().min(12).max(256),
  /** A leaver: logs in no more, and no token is issued to a session that is still open. */
  disabled: z.boolean().default(false),
});

const AccountsFile = z
  .array(Account)
  .max(10_000)
  .refine((accounts) => new Set(accounts.flatMap(namesOf)).size === accounts.length * 2, {
    error: 'every sub and every email may stand there once',
  });

export type Account = z.output<typeof Account>;

/** A person types the name or the address, in any case; neither may belong to two. */
const namesOf = ({ sub, email }: { sub: string; email: string }): string[] => [sub.toLowerCase(), email.toLowerCase()];

/** Who exists right now. A file that cannot be used is nobody, with the fault to log. */
export type AccountsNow = { readonly accounts: readonly Account[]; readonly fault?: string };

/**
 * Reads the accounts anew at every use, so that an edit counts from the next login or token on: there is no cache a leaver could hide in.
 * A half-written or wrong file means that nobody logs in until it is right again.
 */
export async function readAccounts(file: string): Promise<AccountsNow> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return { accounts: [], fault: 'the file cannot be read as JSON' };
  }
  const read = AccountsFile.safeParse(json);
  if (read.success) return { accounts: read.data };
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  return { accounts: [], fault: faults.slice(0, 10).join('; ') };
}

/** The account behind a `sub`, unless it is disabled or gone. */
export const activeAccount = ({ accounts }: AccountsNow, sub: string): Account | undefined =>
  accounts.find((account) => account.sub === sub && !account.disabled);

/** The account a name and password belong to. Unknown, disabled and wrong all give undefined, after the same comparison. */
export function logIn({ accounts }: AccountsNow, login: string, password: string): Account | undefined {
  const wanted = login.trim().toLowerCase();
  const account = accounts.find((candidate) => namesOf(candidate).includes(wanted));
  const matches = timingSafeEqual(digest(password), digest(account?.password ?? `no account ${password}`));
  return account && matches && !account.disabled ? account : undefined;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
