import { addPerson, certifyPasskey } from '@interlock/company-side';
import type { Grant, LocalId, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { aPasskey } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  askedGrant,
  BUYER,
  browserOf,
  get,
  PASSPHRASE,
  post,
  programOf,
  programOfAdded,
  signAs,
  until,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
let token: string;
let bearer: Record<string, string>;
beforeAll(async () => {
  w = await world();
  token = await programOf(w.buyer, 'first-approver');
  bearer = { authorization: `Bearer ${token}` };
});
afterAll(() => w?.close());

const offered = async (over: Partial<Grant> = {}): Promise<Signed<Grant>> => {
  const asked = await askedGrant(w, over);
  w.broker.grants.set(asked.document.id, { signed: asked, status: 'asked' });
  return asked;
};
const signaturesOf = ({ document }: Signed<Grant>) => w.broker.grants.get(document.id)?.signed.signatures.length;
const approve = (grant: Grant, digest: string, passphrase = PASSPHRASE) =>
  post(`${w.buyer.origin}/grants/${grant.id}/approve`, { digest, passphrase }, bearer);

describe('an approval', () => {
  it('is of exactly what was shown: a broker that shows A and holds B when the person signs gets nothing', async () => {
    const shown = await offered();
    const { robot } = await browserOf(w.buyer, 'first-approver');
    const page = await robot.open(`${w.buyer.origin}/grants/${shown.document.id}`);
    expect(page.html).toContain(digestOf(shown.document));
    const wider = { ...shown.document, windows: [{ from: Date.now() - 60_000, to: Date.now() + 7 * 3_600_000 }] };
    const swapped = { document: wider, signatures: [await signAs(w.vendor, 'technician', wider)] };
    w.broker.grants.set(wider.id, { signed: swapped, status: 'asked' });
    const done = await robot.submit(page, { passphrase: PASSPHRASE }, '/approve');
    expect(done.status).toBe(409);
    expect(done.html).toContain('not_what_was_shown');
    expect(signaturesOf(swapped)).toBe(1);
  });

  it('is refused for a digest that was never shown in this session, right as it may be', async () => {
    const unseen = await offered();
    const answer = await approve(unseen.document, digestOf(unseen.document));
    expect(answer).toMatchObject({ status: 409, body: { code: 'not_what_was_shown' } });
    const seen = await offered();
    await get(`${w.buyer.origin}/grants/${seen.document.id}`, token);
    expect(await approve(unseen.document, digestOf(seen.document))).toMatchObject({ status: 409 });
    expect(await approve(seen.document, digestOf(seen.document))).toMatchObject({ status: 200 });
    expect(signaturesOf(seen)).toBe(2);
    expect(signaturesOf(unseen)).toBe(1);
  });

  it('is not even offered for a partner’s grant with an altered byte, a foreign signature or outside the agreement', async () => {
    const asked = await askedGrant(w);
    const altered = { ...asked, document: { ...asked.document, purpose: 'other' as LocalId } };
    const foreign = { ...asked, signatures: [await signAs(w.buyer, 'first-approver', asked.document)] };
    const outside = await askedGrant(w, { actions: ['telnet' as LocalId] });
    const extra = await askedGrant(w);
    const ridesAlong = { ...extra, signatures: [...extra.signatures, ...asked.signatures] };
    for (const [code, signed] of [
      ['bad_signature', altered],
      ['wrong_issuer', foreign],
      ['action_not_agreed', outside],
      ['bad_signature', ridesAlong],
    ] as const) {
      w.broker.grants.set(signed.document.id, { signed, status: 'asked' });
      const page = await get(`${w.buyer.origin}/grants/${signed.document.id}`, token);
      expect([code, page.body]).toMatchObject([code, { code }]);
      expect((await approve(signed.document, digestOf(signed.document))).status).toBe(409);
    }
  });

  it('needs the right person: of the owner, of the group, not a guest, and not without the passphrase', async () => {
    const asked = await offered();
    const digest = digestOf(asked.document);
    await get(`${w.buyer.origin}/grants/${asked.document.id}`, token);
    expect(await approve(asked.document, digest, 'another passphrase')).toMatchObject({
      body: { code: 'wrong_passphrase' },
    });
    const guest = { id: 'guest' as LocalId, groups: ['maintenance' as LocalId], purposes: ['approve'] as const };
    await addPerson(w.buyer.dir, { ...guest, guest: true, passphrase: PASSPHRASE, now: Date.now() });
    const others = [
      [w.buyer, 'architect', 'role_needed'],
      [w.vendor, 'technician', 'role_needed'],
      [w.buyer, 'guest', 'not_in_role'],
    ] as const;
    w.buyer.provider.groups.set('guest', ['approver']);
    for (const [side, login, code] of others) {
      const theirs = await programOfAdded(side, login);
      await get(`${side.origin}/grants/${asked.document.id}`, theirs);
      const answer = await post(
        `${side.origin}/grants/${asked.document.id}/approve`,
        { digest, passphrase: PASSPHRASE },
        { authorization: `Bearer ${theirs}` },
      );
      expect([login, answer.body.code]).toEqual([login, code]);
    }
    expect(signaturesOf(asked)).toBe(1);
  });

  it('is given by a passkey that the company certified, once for each page, and by none that counts backwards', async () => {
    const { origin, dir } = w.buyer;
    const { robot } = await browserOf(w.buyer, 'second-approver');
    const asking = (html: string) =>
      JSON.parse((/data-options="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"')) as { challenge: string };
    const passkey = aPasskey();
    const add = await robot.open(`${origin}/passkeys`);
    const made = JSON.stringify(passkey.registered(asking(add.html).challenge, origin));
    expect((await robot.submit(add, { answer: made }, '/passkeys')).html).toContain('nothing before it is certified');
    const asked = await offered();
    const open = () => robot.open(`${origin}/grants/${asked.document.id}`);
    expect((await open()).html).not.toContain('Sign with your passkey');
    expect(await certifyPasskey(dir, 'second-approver' as LocalId, passkey.kid, Date.now())).toMatchObject({
      allowed: true,
    });
    await until(async () => (await open()).html.includes('Sign with your passkey'));
    const say = async (saying: object, page = open()) => {
      const shown = await page;
      const said = passkey.assert(asking(shown.html).challenge, { origin, ...saying });
      const { authenticatorData, clientData: clientDataJSON, signature } = said;
      const answer = JSON.stringify({ id: passkey.kid, response: { authenticatorData, clientDataJSON, signature } });
      return (await robot.submit(shown, { answer }, '/approve')).html;
    };
    expect(await say({ origin: 'https://evil.example' })).toContain('passkey_other_origin');
    expect(await say({ flags: 0x01 })).toContain('passkey_unattended');
    expect(await say({ challenge: 'AAAA', client: { challenge: 'AAAA' } })).toContain('passkey_other_document');
    expect(signaturesOf(asked)).toBe(1);
    const page = await open();
    expect(await say({ counter: 7 }, Promise.resolve(page))).toContain('second-approver');
    expect(signaturesOf(asked)).toBe(2);
    const another = await offered();
    const next = await robot.open(`${origin}/grants/${another.document.id}`);
    expect(await say({ counter: 8 }, Promise.resolve(page))).toContain('not_what_was_shown');
    expect(await say({ counter: 7 }, Promise.resolve(next))).toContain('passkey_copied');
    expect(signaturesOf(another)).toBe(1);
  });

  it('is not given by a form of another site, nor by one without the token of the page', async () => {
    const asked = await offered();
    const { robot } = await browserOf(w.buyer, 'first-approver');
    const page = await robot.open(`${w.buyer.origin}/grants/${asked.document.id}`);
    const formToken = /name="formToken" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const cookie = [...robot.cookies(w.buyer.origin)].map((pair) => pair.join('=')).join('; ');
    const form = { digest: digestOf(asked.document), passphrase: PASSPHRASE, formToken };
    for (const [headers, fields] of [
      [{ origin: 'https://evil.example' }, form],
      [{ origin: 'null' }, form],
      [{}, form],
      [{ origin: w.buyer.origin }, { ...form, formToken: '' }],
      [{ origin: w.buyer.origin }, { ...form, formToken: 'x'.repeat(formToken.length) }],
    ] as const) {
      const answer = await fetch(`${w.buyer.origin}/grants/${asked.document.id}/approve`, {
        method: 'POST',
        headers: { cookie, ...headers },
        body: new URLSearchParams(fields),
      });
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'form_not_ours' }]);
    }
    expect(signaturesOf(asked)).toBe(1);
    expect((await robot.submit(page, { passphrase: PASSPHRASE }, '/approve')).status).toBe(200);
  });

  it('shows what a stranger wrote as text, never as part of the page', async () => {
    const asked = await offered();
    const page = await (await browserOf(w.buyer, 'first-approver')).robot.open(
      `${w.buyer.origin}/grants/${asked.document.id}`,
    );
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.html).not.toMatch(/<script|onerror=|style=/i);
    for (const words of [
      'Remote service by people',
      'person technician of',
      VENDOR,
      BUYER,
      'Europe/Vienna',
      'UTC',
      'version 1',
    ]) {
      expect(page.html).toContain(words);
    }
  });
});

describe('a no after a yes', () => {
  it('is a signed revocation that the beats of this company name, whatever the broker does with it', async () => {
    const asked = await offered();
    await get(`${w.buyer.origin}/grants/${asked.document.id}`, token);
    expect(await approve(asked.document, digestOf(asked.document))).toMatchObject({ status: 200 });
    const held = w.broker.grants.get(asked.document.id);
    w.broker.grants.set(asked.document.id, { signed: held?.signed ?? asked, status: 'active' });
    const second = { authorization: `Bearer ${await programOf(w.buyer, 'second-approver')}` };
    const deny = (by: Record<string, string>) =>
      post(`${w.buyer.origin}/grants/${asked.document.id}/deny`, { reason: 'the press is sold' }, by);
    const fitter = { authorization: `Bearer ${await programOf(w.vendor, 'technician')}` };
    expect(await post(`${w.vendor.origin}/grants/${asked.document.id}/deny`, { reason: 'no' }, fitter)).toMatchObject({
      body: { code: 'role_needed' },
    });
    expect(await deny(second)).toMatchObject({
      status: 200,
      body: {
        denied: true,
        revoked: { document: { verb: 'revoke', target: { kind: 'grant', id: asked.document.id } } },
      },
    });
    w.broker.grants.set(asked.document.id, { signed: held?.signed ?? asked, status: 'revoked' });
    expect(await deny(bearer)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it.each([
    ['leaves the yes of a colleague out', 'asked', 1],
    ['says that it is revoked', 'revoked', 2],
    ['says that it is over', 'expired', 2],
  ])('is signed where the broker %s', async (_lie, status, shown) => {
    const asked = await offered();
    await get(`${w.buyer.origin}/grants/${asked.document.id}`, token);
    expect(await approve(asked.document, digestOf(asked.document))).toMatchObject({ status: 200 });
    const { signed } = w.broker.grants.get(asked.document.id) ?? { signed: asked };
    const signatures = signed.signatures.slice(0, shown);
    w.broker.grants.set(asked.document.id, { signed: { ...signed, signatures }, status });
    const second = { authorization: `Bearer ${await programOf(w.buyer, 'second-approver')}` };
    const no = await post(`${w.buyer.origin}/grants/${asked.document.id}/deny`, { reason: 'no' }, second);
    expect(no.body).toMatchObject({ revoked: { document: { verb: 'revoke', target: { id: asked.document.id } } } });
  });
});

describe('a request', () => {
  const wish = (over: object = {}) => ({
    agreementId: w.agreement.id,
    kind: 'remote-service',
    resources: [{ owner: BUYER, id: 'press-7' }],
    actions: ['ssh'],
    purpose: 'repair',
    ticket: 'INC-4711',
    windows: [{ from: Date.now(), to: Date.now() + 3_600_000 }],
    passphrase: PASSPHRASE,
    ...over,
  });

  it.each([
    ['ticket_missing', { ticket: null }],
    ['action_not_agreed', { actions: ['telnet'] }],
    ['window_too_long', { windows: [{ from: Date.now(), to: Date.now() + 9 * 3_600_000 }] }],
    ['resource_not_agreed', { resources: [{ owner: BUYER, id: 'press-8' }] }],
    ['wrong_passphrase', { passphrase: 'another passphrase' }],
    ['not_a_party', { agreementId: 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' }],
    ['malformed', { surprise: 1 }],
  ])('is refused as %s before it leaves the company', async (code, over) => {
    const before = w.broker.grants.size;
    const technician = await programOf(w.vendor, 'technician');
    const answer = await post(`${w.vendor.origin}/grants`, wish(over), { authorization: `Bearer ${technician}` });
    expect(answer.body.code).toBe(code);
    expect(w.broker.grants.size).toBe(before);
  });

  it('can be made and denied on pages, without a script', async () => {
    const { robot } = await browserOf(w.vendor, 'colleague');
    const form = await robot.open(`${w.vendor.origin}/grants/new`);
    const minute = (at: number) => new Date(at).toISOString().slice(0, 16);
    const wanted = {
      agreementId: w.agreement.id,
      resource: `${BUYER}/press-7`,
      actions: 'ssh',
      purpose: 'repair',
      ticket: 'INC-1234',
      from: minute(Date.now()),
      to: minute(Date.now() + 3_600_000),
      passphrase: PASSPHRASE,
    };
    const asked = await robot.submit(form, wanted, '/grants');
    expect(asked.status).toBe(201);
    const id = /grt_[0-9a-z]{26}/.exec(asked.html)?.[0] ?? '';
    const approver = await browserOf(w.buyer, 'second-approver');
    const page = await approver.robot.open(`${w.buyer.origin}/grants/${id}`);
    await approver.robot.submit(page, { reason: 'not this week' }, '/deny');
    expect(w.broker.denials.get(id)).toBe('second-approver: not this week');
  });
});
