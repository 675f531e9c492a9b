import type { GrantId, Right, Signed } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  approvedGrant,
  BUYER,
  get,
  PASSPHRASE,
  post,
  programOf,
  signAs,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
let token: string;
beforeAll(async () => {
  w = await world();
  token = await programOf(w.buyer, 'first-approver');
});
afterAll(() => w?.close());

const ask = (query = `owner=${BUYER}&id=press-7&at=${Date.now()}`, as = token) =>
  get(`${w.buyer.origin}/reach?${query}`, as);
const subjects = (body: unknown) =>
  (body as { reach: { subject: { id: string }; right: string }[] }).reach.map(({ subject, right }) => [
    subject.id,
    right,
  ]);

describe('who can reach a machine, asked at one’s own agent', () => {
  it('is who was granted it and whom it was handed on to, with the chain; what is not complete or forged is named apart', async () => {
    const { document } = await approvedGrant(w);
    const bearer = { authorization: `Bearer ${await programOf(w.vendor, 'technician')}` };
    const delegates = [{ organisation: VENDOR, kind: 'person', id: 'colleague' }];
    const wish = { delegates, reason: 'holiday', passphrase: PASSPHRASE };
    const made = await post(`${w.vendor.origin}/grants/${document.id}/delegations`, wish, bearer);
    const { id } = made.body as unknown as { id: GrantId };
    const waiting = await ask();
    expect(subjects(waiting.body)).toEqual([['technician', document.id]]);
    expect(waiting.body).toMatchObject({ notCounted: [{ right: id, code: 'approvals_missing' }] });

    const delegation = w.broker.grants.get(id)?.signed as Signed<Right>;
    const yes = await Promise.all(
      ['first-approver', 'second-approver'].map((name) => signAs(w.buyer, name, delegation.document)),
    );
    const signed = { ...delegation, signatures: [...delegation.signatures, ...yes] };
    w.broker.grants.set(id, { signed, status: 'asked' });
    const both = await ask();
    expect(subjects(both.body)).toEqual([
      ['technician', document.id],
      ['colleague', id],
    ]);
    expect(both.body).toMatchObject({
      reach: [{ chain: [{ typ: 'grant' }] }, { chain: [{ id: document.id }, { typ: 'delegation', id }] }],
    });

    const longer = { ...delegation.document, actions: [...delegation.document.actions].reverse(), reason: 'for good' };
    w.broker.grants.set(id, { signed: { ...signed, document: longer as Right }, status: 'active' });
    const forged = await ask();
    expect(subjects(forged.body)).toEqual([['technician', document.id]]);
    expect(forged.body).toMatchObject({ notCounted: [{ right: id, code: 'bad_signature' }] });
  });

  it('is nobody of another machine or another time, and no answer to a stranger or to nonsense', async () => {
    expect(subjects((await ask(`owner=${BUYER}&id=press-8&at=${Date.now()}`)).body)).toEqual([]);
    expect(subjects((await ask(`owner=${BUYER}&id=press-7&at=${Date.now() - 900_000_000}`)).body)).toEqual([]);
    expect((await ask(`owner=${BUYER}&id=press-7&at=soon`)).body).toMatchObject({ code: 'malformed' });
    expect((await ask(`owner=${BUYER}&id=press-7&at=1&more=1`)).body).toMatchObject({ code: 'malformed' });
    expect((await ask(undefined, 'no-token')).status).toBe(401);
  });
});
