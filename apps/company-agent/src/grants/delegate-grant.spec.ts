import type { GrantId, Right, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  approvedGrant,
  browserOf,
  get,
  PASSPHRASE,
  post,
  programOf,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
let bearer: Record<string, string>;
beforeAll(async () => {
  w = await world();
  bearer = { authorization: `Bearer ${await programOf(w.vendor, 'technician')}` };
});
afterAll(() => w?.close());

const colleague = { organisation: VENDOR, kind: 'person', id: 'colleague' };
const hand = (grant: string, over: object = {}, as = bearer) =>
  post(
    `${w.vendor.origin}/grants/${grant}/delegations`,
    { delegates: [colleague], reason: 'holiday', passphrase: PASSPHRASE, ...over },
    as,
  );
const held = (id: string) => w.broker.grants.get(id)?.signed as Signed<Right>;

describe('a delegation', () => {
  it('is planned ahead and signed by who holds the grant, and approved by the owner on a page that names both', async () => {
    const { document } = await approvedGrant(w);
    const span = document.windows[0]!;
    const later = [{ from: span.to - 1_000_000, to: span.to }];
    const made = await hand(document.id, { windows: later, uses: 2 });
    expect(made.status).toBe(201);
    const { id } = made.body as unknown as { id: GrantId };
    expect(held(id).document).toMatchObject({ parent: digestOf(document), uses: 2, windows: later });
    const approver = await browserOf(w.buyer, 'first-approver');
    const page = await approver.robot.open(`${w.buyer.origin}/grants/${id}`);
    for (const words of [
      'person colleague of',
      'Handed on by',
      'technician of',
      'at most 2',
      'holiday',
      digestOf(document),
    ])
      expect(page.html).toContain(words);
    expect((await approver.robot.submit(page, { passphrase: PASSPHRASE }, '/approve')).status).toBe(200);
    expect(held(id).signatures).toHaveLength(2);
  });

  it.each([
    ['delegation_wider', { windows: [{ from: 0, to: 1 }] }],
    ['delegate_not_agreed', { delegates: [{ ...colleague, kind: 'machine' }] }],
    ['delegate_not_agreed', { delegates: [{ ...colleague, id: 'technician' }] }],
    ['not_a_party', { delegates: [{ ...colleague, organisation: 'stranger.example' }] }],
    ['wrong_passphrase', { passphrase: 'another passphrase' }],
    ['malformed', { delegates: [] }],
  ])('is refused as %s before it leaves the company', async (code, over) => {
    const { document } = await approvedGrant(w);
    const before = w.broker.grants.size;
    expect((await hand(document.id, over)).body.code).toBe(code);
    expect(w.broker.grants.size).toBe(before);
  });

  it('is for holders alone: not for a colleague without the key for it, nor of a grant the owner has not approved', async () => {
    const { document } = await approvedGrant(w);
    const theirs = { authorization: `Bearer ${await programOf(w.vendor, 'colleague')}` };
    expect((await hand(document.id, {}, theirs)).body.code).toBe('not_in_role');
    const open = held(document.id);
    w.broker.grants.set(document.id, { signed: { ...open, signatures: open.signatures.slice(0, 2) }, status: 'asked' });
    expect((await hand(document.id)).body.code).toBe('approvals_missing');
  });

  it('is nothing to look at where the broker shows it without what it hangs on, or under something else', async () => {
    const [first, other] = [await approvedGrant(w), await approvedGrant(w)];
    const { id } = (await hand(first.document.id)).body as unknown as { id: GrantId };
    const token = await programOf(w.buyer, 'first-approver');
    expect((await get(`${w.buyer.origin}/grants/${id}`, token)).status).toBe(200);
    const swapped = {
      ...held(id),
      document: { ...held(id).document, parent: digestOf(other.document) },
    } as Signed<Right>;
    w.broker.grants.set(id, { signed: swapped, status: 'asked' });
    expect((await get(`${w.buyer.origin}/grants/${id}`, token)).body).toMatchObject({ code: 'bad_signature' });
    w.broker.grants.set(id, {
      signed: { ...held(id), document: { ...held(id).document, parent: digestOf('nothing') } } as Signed<Right>,
      status: 'asked',
    });
    expect((await get(`${w.buyer.origin}/grants/${id}`, token)).body).toMatchObject({ code: 'delegation_dangling' });
  });
});
