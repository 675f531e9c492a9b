import { addPerson, readCompany } from '@interlock/company-side';
import { INVALID, type LocalId, statusAt, VALID } from '@interlock/domain';
import { peekLoginProof, trust, verifyStatusListToken } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { accountProvider, CAEP, RISC } from '../../test/account-provider.js';
import { aStranger, revokedElsewhere, tellPartner } from '../../test/signal-receivers.js';
import {
  approvedGrant,
  askProof,
  browserOf,
  get,
  LEAF,
  PASSPHRASE,
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
async function logIn(to = grant) {
  const { robot, page, verifier } = await askProof(w, to, 'technician');
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

  it('is told on, as far as others need it: fetched by a stranger, and pushed to the agent of the partner, which obeys', async () => {
    // What ended above was before anybody was to be told.
    const stranger = await aStranger(w.vendor);
    const limited = await aStranger(w.vendor, { audience: 'urn:partner', agreementId: w.agreement.id });
    const guest = { id: 'technician' as LocalId, groups: [], purposes: [], passphrase: PASSPHRASE, now: Date.now() };
    await addPerson(w.buyer.dir, guest);
    const partner = tellPartner(w.vendor, w.buyer, w.agreement.id);
    const other = (await approvedGrant(w)).document.id;
    expect((await logIn(other)).body).toHaveProperty('loginProof');
    const at = Math.floor(Date.now() / 1000) + 2;
    const lost = { ...device('not-compliant'), event_timestamp: at, reason_admin: { en: 'stolen at the fair' } };
    const found = { ...device('compliant'), event_timestamp: at + 1, previous_status: 'not-compliant' };
    for (const says of [lost, found]) await provider.push(provider.token(`${CAEP}device-compliance-change`, says));
    const risk = { principal: 'USER', current_level: 'LOW', ip: '192.0.2.1' };
    await provider.push(provider.token(`${CAEP}risk-level-change`, risk));
    const sub_id = { format: 'opaque', id: 'colleague' };
    await provider.push(provider.token(`${CAEP}risk-level-change`, risk, { sub_id }));
    const level = { namespace: 'NIST-AAL', current_level: 'nist-aal2', change_direction: 'increase' };
    await provider.push(provider.token(`${CAEP}assurance-level-change`, level));
    const created = { credential_type: 'fido2-roaming', change_type: 'create' };
    await provider.push(provider.token(`${CAEP}credential-change`, created));
    const act = await revokedElsewhere(w, { kind: 'grant', id: other });
    const types = (some: readonly { readonly type: string }[]) => new Set(some.map(({ type }) => type));
    for (const one of [stranger, limited]) await until(async () => types(await one.fetched()).size === 5);
    const told = await stranger.fetched();
    const said = (type: string) => told.filter((one) => one.type === type).map(({ says }) => says);
    const statuses = said('device-compliance-change');
    const { reason_admin: _, ...kept } = lost;
    for (const one of [kept, found]) expect(statuses).toContainEqual(expect.objectContaining(one));
    expect(said('risk-level-change')).toMatchObject([1, 2].map(() => ({ principal: 'USER', current_level: 'LOW' })));
    expect(said('assurance-level-change')).toMatchObject([level]);
    expect(said('credential-change')).toMatchObject([created]);
    expect(said('session-revoked')).toContainEqual(expect.objectContaining({ initiating_entity: 'admin' }));
    // Who never logged in under the agreement is none of its partner's business.
    const whom = (some: typeof told) => [...new Set(some.map(({ sub }) => sub))].sort();
    expect([whom(told), whom(await limited.fetched())]).toEqual([['colleague', 'technician'], ['technician']]);
    expect(JSON.stringify(told)).not.toMatch(/stolen at the fair|192\.0\.2\.1|drill/);
    expect(told.map(({ txn }) => txn)).toContain(act);
    // The partner's agent, which knows nothing of this one but its issuer and keys, took each of them.
    await until(() => new Set(partner.took()).size === 5);
  });

  it('is handed out until it is acknowledged, over a restart, to whoever shows the token of the stream alone', async () => {
    const stranger = await aStranger(w.vendor, { audience: 'urn:another', since: Date.now() + 60_000 });
    const verified = await stranger.post('/ssf/verification', { stream_id: stranger.id, state: 'VGhpcyBpcyBhbg' });
    expect(verified.status).toBe(204);
    const [first] = await stranger.fetched();
    expect(first).toMatchObject({ type: 'verification', says: { state: 'VGhpcyBpcyBhbg' }, sub: stranger.id });
    await w.restart(w.vendor);
    expect((await stranger.fetched()).map(({ jti }) => jti)).toEqual([first?.jti]);
    expect(await stranger.fetched({ ack: [first?.jti] })).toEqual([]);
    expect(await stranger.fetched()).toEqual([]);
    expect(await stranger.configured()).toMatchObject({ stream_id: stranger.id, aud: 'urn:another' });
    for (const path of [`/ssf/streams/${stranger.id}/poll`, '/ssf/verification', '/ssf/streams/nobody/poll'])
      expect((await stranger.post(path, { stream_id: stranger.id }, 'another token')).status).toBe(401);
    expect((await stranger.post('/ssf/streams/partner/poll', {})).status).toBe(401);
    expect((await stranger.post(`/ssf/streams/${stranger.id}/poll`, { ack: 'x' })).status).toBe(400);
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
