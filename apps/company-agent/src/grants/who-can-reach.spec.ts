import type { Grant, GrantId, LocalId, MemberList, Right, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  approvedGrant,
  BUYER,
  browserOf,
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

  it('is who is on the member list that bounds a grant, which both sides look up before they sign, until one is struck', async () => {
    const list: MemberList = {
      ...{ typ: 'member-list', v: 1, organisation: BUYER, agreementId: w.agreement.id, group: 'hall-3' as LocalId },
      ...{ of: 'resource', members: ['press-7' as LocalId], issuedAt: Date.now() },
    };
    const signedList = { document: list, signatures: [await signAs(w.buyer, 'first-approver', list)] };
    const resources = digestOf(list);
    const bearer = { authorization: `Bearer ${await programOf(w.vendor, 'technician')}` };
    const wish = {
      ...{ agreementId: w.agreement.id, kind: 'remote-service', actions: ['ssh'], purpose: 'repair' },
      ...{ ticket: 'INC-4711', windows: [{ from: Date.now(), to: Date.now() + 3_600_000 }], passphrase: PASSPHRASE },
      memberLists: { resources },
    };
    const request = () => post(`${w.vendor.origin}/grants`, wish, bearer);
    expect((await request()).body).toMatchObject({ code: 'membership_unknown', clause: resources });
    w.broker.annexes.push(signedList);
    const asked = (await request()).body as unknown as { id: GrantId; digest: string; grant: Signed<Grant> };
    expect(asked.grant.document).toMatchObject({
      resources: [{ owner: BUYER, id: 'press-7' }],
      memberLists: { resources },
    });

    const at = `${w.buyer.origin}/grants/${asked.id}`;
    const { robot } = await browserOf(w.buyer, 'first-approver');
    expect((await robot.open(at)).html).toContain(`${resources}; whoever is struck from it is out at once`);
    const yes = { digest: asked.digest, passphrase: PASSPHRASE };
    await get(at, token);
    const approve = () => post(`${at}/approve`, yes, { authorization: `Bearer ${token}` });
    w.broker.annexes.pop();
    expect((await approve()).body).toMatchObject({ code: 'membership_unknown' });
    w.broker.annexes.push(signedList);
    expect((await approve()).status).toBe(200);
    const held = w.broker.grants.get(asked.id)?.signed as Signed<Grant>;
    const second = await signAs(w.buyer, 'second-approver', asked.grant.document);
    const signed = { ...held, signatures: [...held.signatures, second] };
    w.broker.grants.set(asked.id, { signed, status: 'active' });
    const now = async () => subjects((await ask()).body).map(([, right]) => right);
    expect(await now()).toContain(asked.id);

    const architect = { authorization: `Bearer ${await programOf(w.buyer, 'architect')}` };
    const target = { kind: 'member', id: 'press-7', list: resources };
    const cut = { verb: 'revoke', agreementId: w.agreement.id, target, reason: 'sold' };
    expect((await post(`${w.buyer.origin}/acts`, cut, architect)).status).toBe(200);
    expect(await now()).not.toContain(asked.id);
    // Whatever the other side has heard by then: nobody here signs one for what is struck.
    const later = (await request()).body as unknown as { id: GrantId; digest: string };
    await get(`${w.buyer.origin}/grants/${later.id}`, token);
    const more = { digest: later.digest, passphrase: PASSPHRASE };
    const refused = await post(`${w.buyer.origin}/grants/${later.id}/approve`, more, {
      authorization: `Bearer ${token}`,
    });
    expect(refused.body).toMatchObject({ code: 'not_a_member', clause: 'hall-3 press-7' });
  });
});
