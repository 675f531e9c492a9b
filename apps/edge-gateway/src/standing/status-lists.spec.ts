import { decide, packStatuses, type StatusList } from '@interlock/domain';
import { packList, signed, verifyChain } from '@interlock/proof';
import { aRight, type Right } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, aKeeper, beatOf, type Kept, provisionedFor, standingOf } from '../../test/two-sides.js';
import { circumstancesOf } from './held-agreement.js';

const IDX = 7;
const uri = 'https://agent.alpine-presses.example/status-lists/one';
let right: Right;
let folder: ReturnType<typeof aFolder>;
let kept: Kept;
beforeAll(async () => {
  right = await aRight({ claims: { status: { status_list: { idx: IDX, uri } } } }, Date.now());
});
beforeEach(async () => {
  folder = aFolder();
  await start();
});
afterEach(() => folder[Symbol.dispose]());

async function start(): Promise<void> {
  kept = aKeeper(provisionedFor(right), folder.path);
  await kept.keeper.takeStanding(standingOf(right));
}

/** A list of the vendor with this status for the login, as its agent signs it. */
async function listOf(status: number, over: Partial<StatusList> = {}) {
  const { vendor, vendorAgent } = right.who;
  const { statusList } = await beatOf(right, vendor, vendorAgent, null);
  const lst = packList(packStatuses(new Map([[IDX, status]]), 64, 2));
  const list: StatusList = { ...statusList.document, logins: { sub: uri, bits: 2, lst }, ...over };
  return signed(list, vendorAgent.signer, Date.now());
}
const take = (...statusLists: Awaited<ReturnType<typeof listOf>>[]) =>
  kept.keeper.takeStanding(standingOf(right, { statusLists }));

/** What the use of the login proof is judged to be, by what is held. */
async function judged(): Promise<string> {
  const self = provisionedFor(right);
  const chain = await verifyChain(right.chain, self.pins, self, { loginProof: right.loginProof }, Date.now());
  const held = kept.keeper.agreements.get(right.agreement.id);
  const [action, resource] = [right.grant.actions[0], right.grant.resources[0]];
  if (!chain.allowed || !held || !action || !resource) throw new Error('the right does not verify');
  const ask = { subject: chain.value.subject, leaf: chain.value.jkt, action, resource, session: null };
  const decision = decide(chain.value, ask, circumstancesOf(held), Date.now());
  return decision.allowed ? 'goes on' : [decision.refusal.code, decision.refusal.clause].join(' ');
}

describe('a login proof that names its entry in a status list', () => {
  it('is nothing until the list is held, goes on while it is VALID there, and waits while it is SUSPENDED', async () => {
    expect(await judged()).toBe('status_invalid login unknown');
    await take(await listOf(0));
    expect(await judged()).toBe('goes on');
    await take(await listOf(2, { sequence: 1 }));
    expect(await judged()).toBe('status_invalid login invalid');
    await take(await listOf(0, { sequence: 2 }));
    expect(await judged()).toBe('goes on');
  });

  it('never comes back from INVALID: not by a later list, nor by an older one, nor over a restart', async () => {
    const [valid, invalid] = [await listOf(0), await listOf(1, { sequence: 1 })];
    await take(valid);
    await take(invalid);
    expect(await judged()).toBe('status_invalid login invalid');
    await take(valid);
    await take(await listOf(0, { sequence: 2 }));
    expect(await judged()).toBe('status_invalid login invalid');
    await start();
    await take(await listOf(0, { sequence: 3 }));
    expect(await judged()).toBe('status_invalid login invalid');
  });

  it('is judged by the newest list that was heard, whatever is played again', async () => {
    const [older, newer] = [await listOf(0, { issuedAt: Date.now() - 1_000 }), await listOf(2)];
    await take(newer, older);
    expect(await judged()).toBe('status_invalid login invalid');
    await take(older);
    expect(await judged()).toBe('status_invalid login invalid');
    // Of fewer acts, however late it was signed.
    await take(await listOf(2, { sequence: 2, issuedAt: Date.now() - 1_000 }), await listOf(0, { sequence: 1 }));
    expect(await judged()).toBe('status_invalid login invalid');
  });

  it('is nothing where another list came than the one it names, or one without logins', async () => {
    const { logins } = (await listOf(0)).document;
    await take(await listOf(0, { logins: logins && { ...logins, sub: `${uri}-other` } }));
    expect(await judged()).toBe('status_invalid login unknown');
    await take(await listOf(0, { sequence: 1 }));
    expect(await judged()).toBe('goes on');
    await take(await listOf(0, { sequence: 2, logins: undefined }));
    expect(await judged()).toBe('status_invalid login unknown');
  });
});
