import type { Journal } from '@interlock/company-side';
import { agreementId, count, localId, thumbprint } from '@interlock/contracts';
import {
  type AccountFact,
  type AgreementId,
  type Instant,
  type LocalId,
  type SaidOfAccount,
  saidLater,
  type Thumbprint,
} from '@interlock/domain';
import { z } from 'zod';
import type { AccountEntry } from '../own/own-store.js';

/** A key that this agent vouched for, with which something may still be open. */
export interface VouchedKey {
  readonly jkt: Thumbprint;
  readonly agreementId: AgreementId;
  readonly until: Instant;
}

/** What the company's own provider said of its people, and which keys this agent vouched for in their names. */
export interface AccountBook {
  /** Why nobody comes in by this account now; undefined where nothing is against it. */
  heldBack(person: LocalId): AccountFact | undefined;
  /** Whether this event was taken before. */
  has(token: string): boolean;
  /** Counts at once; on disk when it returns, unless the disk is full. */
  keep(entry: AccountEntry): Promise<void>;
  /** When the newest of what was said of this fact was so. */
  saidAt(person: LocalId, name: AccountFact): Instant | undefined;
  vouched(person: LocalId, key: VouchedKey): void;
  openFor(person: LocalId, now: Instant): readonly VouchedKey[];
  /** Events of which something may be told on, as long as they are remembered. */
  toTell(): readonly AccountEntry[];
  /** Calls whenever one was kept. One listener; the last one stays. */
  onEvent(call: () => void): void;
}

const FACTS = ['account', 'device', 'risk'] as const;
const accountEntry = z.looseObject({
  kind: z.literal('account-event'),
  token: z.string().nullable(),
  person: localId,
  fact: z.strictObject({ name: z.enum(FACTS), sound: z.boolean() }).nullable(),
  at: z.number(),
  heardAt: z.number(),
  type: z.string(),
  says: z.record(z.string(), z.string()).optional(),
});
const proofEntry = z.looseObject({
  kind: z.literal('login-proof'),
  person: localId,
  jkt: thumbprint,
  agreementId,
  until: count,
});

/** Older events are refused, so what was heard before that need not be remembered. Milliseconds. */
export const OLDEST_EVENT = 7 * 86_400_000;

/** Reads back everything that was said, so that a restart lets nobody in who was kept out. */
export async function openAccountBook(journal: Journal, now: () => Instant): Promise<AccountBook> {
  const said = new Map<string, Map<AccountFact, SaidOfAccount>>();
  const heard = new Map<string, Instant>();
  const tell = new Map<string, AccountEntry>();
  let heardOne = (): void => undefined;
  const take = (entry: AccountEntry): void => {
    const { token, person, fact, at, heardAt } = entry;
    if (token !== null) heard.set(token, heardAt);
    if (token !== null && entry.says) tell.set(token, entry);
    if (!fact) return;
    const known = said.get(person) ?? new Map<AccountFact, SaidOfAccount>();
    const is = { sound: fact.sound, at };
    if (saidLater(is, known.get(fact.name))) said.set(person, known.set(fact.name, is));
  };
  const { vouched, openFor } = vouchedKeys(now);
  for await (const { entry } of journal.readFrom(1)) {
    const [event, proof] = [accountEntry.safeParse(entry).data, proofEntry.safeParse(entry).data];
    if (event) take(event);
    if (proof) vouched(proof.person, proof);
  }
  return {
    heldBack: (person) => FACTS.find((name) => said.get(person)?.get(name)?.sound === false),
    saidAt: (person, name) => said.get(person)?.get(name)?.at,
    has: (token) => heard.has(token),
    keep: async (entry) => {
      for (const [token, at] of heard) if (at < now() - 2 * OLDEST_EVENT) heard.delete(token);
      for (const [token, { heardAt }] of tell) if (heardAt < now() - 2 * OLDEST_EVENT) tell.delete(token);
      take(entry);
      // A no takes the reserved space: a full disk must not keep a door open.
      await (entry.fact?.sound === false ? journal.appendUrgent(entry) : journal.append(entry));
      heardOne();
    },
    vouched,
    toTell: () => [...tell.values()],
    onEvent: (call) => {
      heardOne = call;
    },
    openFor,
  };
}

/** The keys of each person that were vouched for, as long as something may be open by them. */
function vouchedKeys(now: () => Instant): Pick<AccountBook, 'vouched' | 'openFor'> {
  const keys = new Map<string, Map<string, VouchedKey>>();
  return {
    vouched: (person, key) => {
      const own = keys.get(person) ?? new Map<string, VouchedKey>();
      for (const [name, one] of own) if (one.until <= now()) own.delete(name);
      keys.set(person, own.set(`${key.jkt} ${key.agreementId}`, key));
    },
    openFor: (person, at) => [...(keys.get(person)?.values() ?? [])].filter(({ until }) => at < until),
  };
}
