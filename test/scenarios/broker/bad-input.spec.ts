import { request } from 'node:http';
import type { GrantId } from '@interlock/domain';
import {
  canonicalBytes,
  digestOf,
  keySigner,
  newPrivateKey,
  type Signer,
  signDocument,
  signed,
} from '@interlock/proof';
import { aCompany, aGrant, anAgreement } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, proofFor, until } from './a-caller.js';
import { type Agreed, agreed, anId, aPartnership, publishBoth } from './two-companies.js';

/** What is handed in: a route, who calls it (nobody for what proves itself), and the exact text. */
interface HandedIn {
  readonly method: string;
  readonly target: string;
  readonly as: Signer | null;
  readonly text: string;
}

describe('bad input', () => {
  let broker: Broker;
  let pair: Agreed;
  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    pair = await agreed(broker, who);
  }, 60_000);
  afterAll(() => broker?.stop());

  const DAY = 86_400_000;
  const text = (value: unknown) => canonicalBytes(value).toString('utf8');
  const entity = (body: string): HandedIn => ({ method: 'PUT', target: '/v1/entities', as: null, text: body });
  const agreement = (body: unknown): HandedIn => ({
    ...{ method: 'POST', target: '/v1/agreements', as: pair.who.vendorAgent.signer },
    text: text({ agreement: body }),
  });
  const certificate = (body: unknown): HandedIn => ({
    ...{ method: 'PUT', target: '/v1/certificates', as: pair.who.vendorAgent.signer },
    text: text({ certificates: [body] }),
  });
  const fresh = (over: object = {}) => ({ ...anAgreement(pair.who, {}, Date.now()), id: anId('agr'), ...over });
  const newcomer = (over: object = {}) =>
    aCompany('newcomer.example', Date.now()).then(async ({ entity: own, root }) =>
      text({ entity: await signed({ ...own.document, ...over }, root, Date.now()) }),
    );
  const proposedBy = async (document: ReturnType<typeof fresh>, signer: Signer = pair.who.vendor.agreement) => ({
    document,
    signatures: [await signDocument(document as never, signer, Date.now())],
  });
  const renewed = async (over: object) => {
    const { root, entity: own } = pair.who.vendor;
    const next = { ...own.document, sequence: 2, previous: digestOf(own.document), issuedAt: Date.now(), ...over };
    return text({ entity: await signed(next, root, Date.now()) });
  };
  const ownCertificate = (over: object) =>
    signed({ ...pair.who.technician.certificate.document, ...over }, pair.who.vendor.certify, Date.now());

  /** A grant asked for by somebody whose key is valid from and until so many milliseconds from now. */
  const grantBy = async (name: string, from: number, until: number): Promise<HandedIn> => {
    const [now, { vendor, vendorAgent: agent }] = [Date.now(), pair.who];
    const times = { notBefore: now + from, notAfter: now + until };
    const person = await vendor.holder('person', name, ['grant'], times);
    const published = { certificates: [person.certificate] };
    expect((await call(broker, agent.signer, 'PUT', '/v1/certificates', published)).status).toBeLessThan(300);
    const requester = { organisation: vendor.organisation, id: person.id };
    const subjects = [{ ...requester, kind: 'person' as const }];
    const grant = aGrant(pair.agreement, { id: anId<GrantId>('grt'), requester, subjects }, now);
    const asked = { grant: await signed(grant, person.signer, now) };
    return { method: 'POST', target: '/v1/grants', as: agent.signer, text: text(asked) };
  };

  // That a caller's proof was used is kept whatever it asked for: it must not be used again.
  const rows = async (): Promise<Readonly<Record<string, string>>> => {
    const tables = await broker.database.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema', 'audit') and tablename <> 'used_proofs' order by 1`,
    );
    const counts = tables.map(({ name }) => `select '${name}' as name, count(*)::text as rows from ${name}`);
    const counted = await broker.database.query<{ name: string; rows: string }>(counts.join(' union all '));
    return Object.fromEntries(counted.map((one) => [one.name, one.rows]));
  };

  it.each<[string, string, () => Promise<HandedIn>]>([
    ['an unknown member', 'malformed', async () => entity(await newcomer({ colour: 'red' }))],
    [
      'a member twice',
      'json_member_twice',
      async () => entity((await newcomer()).replace('"sequence":1', '"sequence":1,"sequence":1')),
    ],
    [
      'a number beyond the exact range',
      'json_number_inexact',
      async () => entity((await newcomer()).replace('"sequence":1', '"sequence":9007199254740993')),
    ],
    [
      'Unicode that normalises differently',
      'text_not_normalised',
      async () => entity((await newcomer()).replace(/"name":"[^"]*"/, '"name":"Cafe\u0301"')),
    ],
    [
      'a signature over other bytes',
      'bad_signature',
      async () => agreement({ ...(await proposedBy(fresh())), document: fresh() }),
    ],
    [
      'a signature for another kind of document',
      'wrong_type',
      async () => {
        const document = fresh();
        const other = await signDocument(
          { ...document, typ: 'entity' } as never,
          pair.who.vendor.agreement,
          Date.now(),
        );
        return agreement({ document, signatures: [other] });
      },
    ],
    [
      'a key for another purpose',
      'wrong_purpose',
      async () => agreement(await proposedBy(fresh(), pair.who.vendorAgent.signer)),
    ],
    [
      'the key of another organisation under the own name',
      'unknown_key',
      async () => {
        const { vendor, buyer } = pair.who;
        return agreement(await proposedBy(fresh(), { ...buyer.agreement, organisation: vendor.organisation }));
      },
    ],
    [
      'a key that nobody certified',
      'unknown_key',
      async () => agreement(await proposedBy(fresh(), keySigner(pair.who.vendor.organisation, newPrivateKey()))),
    ],
    [
      'the signature of somebody else',
      'signature_missing',
      async () => agreement(await proposedBy(fresh(), pair.who.buyer.agreement)),
    ],
    ['a key that has expired', 'key_expired', () => grantBy('retired-fitter', -2 * DAY, -DAY / 2)],
    ['a key that is not valid yet', 'key_not_yet_valid', () => grantBy('coming-fitter', DAY, 2 * DAY)],
    [
      'a document that has expired',
      'entity_expired',
      async () => entity(await newcomer({ issuedAt: Date.now() - 2 * DAY, expiresAt: Date.now() - DAY })),
    ],
    [
      'a signature from the future',
      'signed_in_the_future',
      async () => {
        const { entity: own, root } = await aCompany('newcomer.example', Date.now());
        return entity(text({ entity: await signed(own.document, root, Date.now() + DAY) }));
      },
    ],
    ['an entity document before the newest', 'version_replayed', async () => entity(await renewed({ sequence: 0 }))],
    [
      'an agreement version before the newest',
      'version_replayed',
      async () => agreement(await proposedBy({ ...pair.agreement, version: 0 } as never)),
    ],
    ['a number that is taken', 'entity_fork', async () => entity(await renewed({ sequence: 1, name: 'Replayed' }))],
    [
      'an agreement that was replaced, again',
      'version_superseded',
      async () => agreement(await proposedBy({ ...pair.agreement, endsAt: pair.agreement.endsAt - 1 } as never)),
    ],
    [
      'a version that follows nothing there is',
      'reference_dangling',
      async () => agreement(await proposedBy(fresh({ version: 2, previous: digestOf('nothing') }))),
    ],
    [
      'an entity document that follows another than the newest',
      'reference_dangling',
      async () => entity(await renewed({ previous: digestOf('nothing') })),
    ],
    [
      'a root that follows itself over another',
      'reference_cyclic',
      async () => {
        const { organisation, root } = pair.who.vendor;
        const other = keySigner(organisation, newPrivateKey());
        const follows = (from: Signer, to: Signer) => {
          const says = { typ: 'root-succession', v: 1, organisation, from: from.key, to: to.kid, sequence: 2 } as const;
          return signed({ ...says, issuedAt: Date.now() }, from, Date.now());
        };
        return entity(await renewed({ succeeds: [await follows(other, root), await follows(root, other)] }));
      },
    ],
    [
      'a certificate that hangs on nothing',
      'certificate_dangling',
      async () => certificate(await ownCertificate({ entity: digestOf('nothing') })),
    ],
    [
      'the address of a document in place of the document',
      'malformed',
      async () => entity(text({ entity: 'http://169.254.169.254/entity.json' })),
    ],
  ])('%s is refused as %s, and nothing is kept of it', async (_, code, make) => {
    const { method, target, as, text: body } = await make();
    const bytes = Buffer.from(body, 'utf8');
    const before = await rows();
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (as) headers.authorization = await proofFor(broker, as, method, target, bytes);
    const answered = await fetch(`${broker.url}${target}`, { method, headers, body: bytes });
    expect(await answered.json()).toMatchObject({ code });
    expect(answered.status).toBeLessThan(500);
    expect(await rows()).toEqual(before);
  });

  it('of callers who prove nothing is one record for their addresses and the minute, and no record each', async () => {
    const start = Date.now();
    let ahead = 0;
    const clock = { now: () => start + ahead, monotonic: () => performance.now() };
    const edge = { origin: broker.origin, url: await broker.anotherEdge({}, clock) };
    for (let n = 0; n < 7; n += 1) expect((await call(edge, null, 'GET', '/v1/grants')).code).toBe('caller_unknown');
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', authorization: 'Interlock x' };
    const answered = await new Promise((resolve, reject) => {
      request(`${edge.url}/v1/channel`, { headers: upgrade }, (answer) => resolve(answer.statusCode))
        .on('error', reject)
        .end();
    });
    expect([answered, (await call(edge, null, 'GET', '/wp-login.php')).status]).toEqual([401, 404]);
    // Whoever has proven who it is is counted by its name: what it does wrong is not among the strangers'.
    const known = await call(edge, pair.who.vendorAgent.signer, 'GET', '/v1/grants?unknown=1');
    expect(known.code).toBe('malformed');
    ahead = 60_000;
    const counted = () =>
      broker.database.query<{ body: unknown; log: string }>(
        `select log, body from audit.appended where body ->> 'kind' = 'caller.refused' and body ->> 'count' = '9'`,
      );
    await until(async () => (await counted()).length > 0);
    const record = { outcome: 'deny', addresses: '127.0.0.0/24', at: start - (start % 60_000), organisation: null };
    expect(await counted()).toEqual([{ log: 'operator', body: expect.objectContaining(record) }]);
    const named = await broker.database.query<{ body: unknown }>(
      `select body from audit.appended where log = 'operator' and body ->> 'kind' = 'request.refused'
         and body ->> 'organisation' = $1 and body ->> 'clause' like 'agent %: 400 GET /v1/grants' and body ->> 'at' = $2`,
      [pair.who.vendor.organisation, String(start - (start % 60_000))],
    );
    expect(named).toEqual([{ body: expect.objectContaining({ outcome: 'deny', count: 1 }) }]);
  });

  it('is what is wrong with each of these: the same, as it should be, is taken', async () => {
    expect((await call(broker, null, 'PUT', '/v1/entities', JSON.parse(await newcomer()))).status).toBeLessThan(300);
    const own = await proposedBy(fresh());
    expect(
      (await call(broker, pair.who.vendorAgent.signer, 'POST', '/v1/agreements', { agreement: own })).status,
    ).toBeLessThan(300);
  });
});
