import { readCompany } from '@interlock/company-side';
import { INVALID, statusAt, VALID } from '@interlock/domain';
import { peekLoginProof, trust, verifyStatusListToken } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { accountProvider, CAEP, RISC } from '../../test/account-provider.js';
import {
  approvedGrant,
  askProof,
  browserOf,
  get,
  LEAF,
  post,
  programOf,
  until,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
let provider: Awaited<ReturnType<typeof accountProvider>>;
let grant: Awaited<ReturnType<typeof approvedGrant>>['document']['id'];
beforeAll(async () => {
  w = await world();
  provider = await accountProvider(w.vendor.dir, w.vendor.origin);
  grant = (await approvedGrant(w)).document.id;
});
afterAll(async () => {
  await w?.close();
  await provider?.close();
});

const device = (current_status: string) => ({ previous_status: 'compliant', current_status });
const revoked = () => w.broker.acts.filter(({ document: { target } }) => target.kind === 'key' && target.id === LEAF);
async function logIn() {
  const { robot, page, verifier } = await askProof(w, grant, 'technician');
  const back = await robot.submit(page, {}, '/login/confirm');
  return post(`${w.vendor.origin}/login/token`, { code: back.url.searchParams.get('code'), code_verifier: verifier });
}
const listedAs = (proof: string) => {
  const { idx = -1, uri = '' } = peekLoginProof(proof)?.status?.status_list ?? {};
  return { idx, uri };
};
/** What a stranger reads who fetches the list that a login proof names. */
async function listedStatus(proof: string): Promise<number | undefined> {
  const { idx, uri } = listedAs(proof);
  const answer = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/statuslist+jwt']);
  const { entities, certificates } = readCompany(w.vendor.dir);
  const ring = await trust([...entities], [...certificates], readCompany(w.buyer.dir).pins, Date.now());
  if (!ring.allowed) throw new Error(ring.refusal.code);
  const list = await verifyStatusListToken(await answer.text(), VENDOR, uri, ring.value, Date.now());
  return list.allowed ? statusAt(list.value, idx) : undefined;
}
const inbox = async (token: string) => (await get(`${w.vendor.origin}/grants`, token)).status;
const pageNow = async () => (await browserOf(w.vendor, 'technician')).inbox;

describe('what the company’s own provider says of an account', () => {
  it('ends what was opened by it, with a signed act that beats name, and a new login is a new key', async () => {
    const first = String((await logIn()).body.loginProof);
    expect(await listedStatus(first)).toBe(VALID);
    const event = await provider.token(`${CAEP}session-revoked`, { reason_admin: { en: 'lost laptop' } });
    expect(await provider.push(event)).toEqual({ status: 202, body: {} });
    await until(() => revoked().length === 1);
    expect(revoked()[0]?.document).toMatchObject({
      verb: 'revoke',
      agreementId: w.agreement.id,
      reason: 'session-revoked',
    });
    // The entry that the proof names says so too, at the agent's own address, and no other proof ever gets that entry.
    expect(await listedStatus(first)).toBe(INVALID);
    expect(await provider.push(event)).toEqual({ status: 202, body: {} });
    const second = String((await logIn()).body.loginProof);
    expect(listedAs(second).idx).toBeGreaterThan(listedAs(first).idx);
    expect(revoked()).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>, string]>([
    [
      'of another issuer',
      () => provider.token(`${CAEP}session-revoked`, {}, { iss: 'https://other.example' }),
      'invalid_issuer',
    ],
    [
      'for another audience',
      () => provider.token(`${CAEP}session-revoked`, {}, { aud: 'urn:other' }),
      'invalid_audience',
    ],
    ['without an audience', () => provider.token(`${CAEP}session-revoked`, {}, { aud: undefined }), 'invalid_audience'],
    [
      'of a key that is not the provider’s',
      () => provider.token(`${CAEP}session-revoked`, {}, {}, { kid: 'other' }),
      'invalid_key',
    ],
    [
      'of another type of token',
      () => provider.token(`${CAEP}session-revoked`, {}, {}, { typ: 'JWT' }),
      'invalid_request',
    ],
    [
      'that ends like an access token',
      () => provider.token(`${CAEP}session-revoked`, {}, { exp: 9_999_999_999 }),
      'invalid_request',
    ],
    [
      'with the subject of an ID token',
      () => provider.token(`${CAEP}session-revoked`, {}, { sub: 'technician' }),
      'invalid_request',
    ],
    [
      'of last month',
      () => provider.token(`${CAEP}session-revoked`, {}, { iat: Math.floor(Date.now() / 1000) - 31 * 86_400 }),
      'invalid_request',
    ],
    [
      'of tomorrow',
      () => provider.token(`${CAEP}session-revoked`, { event_timestamp: Math.floor(Date.now() / 1000) + 86_400 }),
      'invalid_request',
    ],
    ['of a type that is not known', () => provider.token(`${CAEP}coffee-break`, {}), 'invalid_request'],
    [
      'with two events',
      () =>
        provider.token(
          `${CAEP}session-revoked`,
          {},
          { events: { [`${CAEP}session-revoked`]: {}, [`${RISC}account-enabled`]: {} } },
        ),
      'invalid_request',
    ],
    ['without what its type requires', () => provider.token(`${CAEP}device-compliance-change`, {}), 'invalid_request'],
    ['that is none', () => Promise.resolve('e30.e30.'), 'invalid_request'],
  ])('is not heard from a token %s', async (_, token, err) => {
    const before = revoked().length;
    expect(await provider.push(token())).toMatchObject({ status: 400, body: { err } });
    expect(revoked()).toHaveLength(before);
  });

  it('is not heard from whoever does not show the token of the feed', async () => {
    const event = await provider.token(`${RISC}account-disabled`, {});
    expect((await provider.push(event, 'a'.repeat(43))).status).toBe(401);
    expect(await pageNow()).toMatchObject({ status: 200 });
  });

  it('names nobody by an address, and nobody whom the company gave no place', async () => {
    for (const sub_id of [
      { format: 'email', email: 'technician@alpine-presses.example' },
      { format: 'iss_sub', iss: 'https://other.example', sub: 'technician' },
      { format: 'opaque', id: 'nobody' },
    ])
      expect((await provider.push(provider.token(`${RISC}account-disabled`, {}, { sub_id }))).status).toBe(202);
    expect(await pageNow()).toMatchObject({ status: 200 });
  });

  it('keeps an account out while its device is not sound, over a restart, and lets it in again; polled, and acknowledged', async () => {
    const token = await programOf(w.vendor, 'technician');
    expect(await inbox(token)).toBe(200);
    provider.waiting.one = await provider.token(`${CAEP}device-compliance-change`, device('not-compliant'), {
      sub_id: {
        format: 'complex',
        user: { format: 'opaque', id: 'technician' },
        device: { format: 'opaque', id: 'laptop' },
      },
    });
    provider.waiting.two = 'no token';
    await until(async () => (await inbox(token)) === 401);
    expect((await pageNow()).html).toContain('account_held_back');
    await until(() => Object.keys(provider.waiting).length === 0);
    expect(provider.told.find(({ ack }) => ack?.includes('one'))).toMatchObject({
      setErrs: { two: { err: 'invalid_request' } },
    });
    await w.restart(w.vendor);
    expect((await pageNow()).html).toContain('account_held_back');
    const event_timestamp = Math.floor(Date.now() / 1000) - 3_600;
    await provider.push(provider.token(`${CAEP}device-compliance-change`, { ...device('compliant'), event_timestamp }));
    expect((await pageNow()).html).toContain('account_held_back');
    const now = { ...device('compliant'), event_timestamp: Math.floor(Date.now() / 1000) + 1 };
    await provider.push(provider.token(`${CAEP}device-compliance-change`, now));
    expect(await pageNow()).toMatchObject({ status: 200 });
  });

  it('puts a leaver out who is switched off by SCIM, and ends what the leaver had open', async () => {
    expect((await logIn()).body).toHaveProperty('loginProof');
    const token = await programOf(w.vendor, 'technician');
    const listed = await provider.scim('GET', 'Users?filter=userName%20eq%20%22technician%22');
    expect(listed).toMatchObject({
      status: 200,
      body: { totalResults: 1, Resources: [{ id: 'technician', active: true }] },
    });
    const off = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    };
    expect(await provider.scim('PATCH', 'Users/technician', off)).toMatchObject({
      status: 200,
      body: { active: false },
    });
    expect(await inbox(token)).toBe(401);
    expect((await pageNow()).html).toContain('account_held_back');
    expect(await provider.scim('PUT', 'Users/technician', { active: true })).toMatchObject({ body: { active: true } });
    expect(await pageNow()).toMatchObject({ status: 200 });
    expect(await provider.scim('DELETE', 'Users/technician')).toMatchObject({ status: 204 });
    expect((await pageNow()).html).toContain('account_held_back');
    expect(await provider.scim('PATCH', 'Users/nobody', off)).toMatchObject({ status: 404 });
    expect(await provider.scim('PUT', 'Users/technician', { displayName: 'x' })).toMatchObject({ status: 400 });
    expect(await provider.scim('POST', 'Users', { userName: 'x' })).toMatchObject({ status: 403 });
    expect(await provider.scim('GET', 'Users?filter=emails%20co%20%22a%22')).toMatchObject({ status: 400 });
  });
});
