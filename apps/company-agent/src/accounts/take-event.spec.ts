import type { Journal, Person } from '@interlock/company-side';
import type { AgreementId, Instant, LocalId, Thumbprint } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';
import { openAccountBook } from './account-book.js';
import { obey, type SaidEvent } from './take-event.js';

const NOW: Instant = 1_000;
const person = { id: 'technician' as LocalId } as Person;
const revoked: SaidEvent = { type: 'session-revoked', at: 900, token: 'one', consequence: { endsSessions: true } };
const disabled: SaidEvent = {
  ...{ type: 'account-disabled', at: 900, token: 'two' },
  consequence: { endsSessions: true, fact: { name: 'account', sound: false } },
};

async function desk() {
  const lines: object[] = [];
  const write = async (entry: object) => ({ allowed: true, value: lines.push(entry) }) as const;
  const journal = {
    append: write,
    appendUrgent: write,
    async *readFrom() {
      for (const entry of lines) yield { entry };
    },
  } as unknown as Journal;
  const accounts = await openAccountBook(journal, () => NOW);
  const key = { jkt: 'leaf' as Thumbprint, agreementId: 'agr' as AgreementId, until: 2_000 };
  accounts.vouched(person.id, key);
  const cut = { attempts: 0 };
  const store = {
    ownActs: () => [],
    agreements: () => {
      cut.attempts += 1;
      throw new Error('the disk does not answer');
    },
  };
  const agent = { accounts, store, now: () => NOW, log: { warn: () => undefined } } as unknown as Agent;
  const again = () => openAccountBook(journal, () => NOW);
  return { agent, accounts, cut, again, over: {} as HandOver };
}

describe('an event whose cut did not come about', () => {
  it.each([revoked, disabled])('is not known: told again, it is obeyed again ($type)', async (event) => {
    const { agent, accounts, cut, again, over } = await desk();
    await expect(obey(agent, over, person, event)).rejects.toThrow('the disk');
    for (const book of [accounts, await again()]) expect(book.has(event.token ?? '')).toBe(false);
    await expect(obey(agent, over, person, event)).rejects.toThrow('the disk');
    expect(cut.attempts).toBe(2);
  });

  it('holds the account back all the same, and after a restart', async () => {
    const { agent, accounts, again, over } = await desk();
    await expect(obey(agent, over, person, disabled)).rejects.toThrow('the disk');
    for (const book of [accounts, await again()]) expect(book.heldBack(person.id)).toBe('account');
  });

  it('is known once nothing of it is left to do, and after a restart', async () => {
    const { agent, accounts, again, over } = await desk();
    await obey(agent, over, { ...person, id: 'shift-lead' as LocalId }, revoked);
    for (const book of [accounts, await again()]) expect(book.has('one')).toBe(true);
  });
});
