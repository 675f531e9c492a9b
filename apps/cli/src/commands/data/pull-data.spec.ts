import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { addGateway, makeLeaf, renewEntity } from '@interlock/company-side';
import type { Agreement, LocalId } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { agreedByBoth, region } from '../../../test/agreed-by-both.js';
import { bundledInterlock, type Interlock } from '../../../test/run-interlock.js';
import { type TwoCompanies, twoCompanies } from '../../../test/two-companies.js';
import { openingKeys } from './opening-keys.js';

// Each verb is a program of its own to start, on a machine that may be busy.
jest.setTimeout(60_000);

let interlock: Interlock;
let world: TwoCompanies;
let agreement: Agreement;
let endpoint: Server;
const id = (text: string) => text as LocalId;

beforeAll(async () => {
  interlock = bundledInterlock();
  world = await twoCompanies(interlock.folder);
  const [agreed, shown] = [newPrivateKey('P-256'), newPrivateKey('P-256')];
  agreement = await agreedByBoth(world, {
    kinds: ['data-collection'],
    regions: [region(thumbprintOf(publicJwkOf(agreed)))],
  });
  await addGateway(world.buyer.dir, {
    ...{ id: id('plant-gateway'), resources: [id('press-7')], targets: [], relays: [], regions: [] },
    broker: { origin: 'http://127.0.0.1:9', ticketKey: publicJwkOf(newPrivateKey()) },
    now: Date.now(),
  });
  const leaf = await makeLeaf(shown, Date.now());
  endpoint = createServer(leaf, (socket) => socket.on('error', () => socket.destroy()));
  endpoint.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
});
afterAll(async () => {
  endpoint?.close();
  await world?.broker.stop();
  interlock?.remove();
});

const pull = (region: string, port: number) =>
  interlock.run(
    ...['data', 'pull', '--company', world.vendor.dir, '--agreement', agreement.id, '--region', region],
    ...['--endpoint', `127.0.0.1:${port}`, '--once', '--json'],
  );

describe('interlock data pull', () => {
  it('goes to no region that the agreement does not name', async () => {
    const { port } = endpoint.address() as AddressInfo;
    expect(await pull('us-1', port)).toMatchObject({ code: 1, json: { code: 'region_not_agreed' } });
  });

  it('tells nothing to an endpoint that shows another key than both companies signed', async () => {
    const asked: string[] = [];
    world.broker.before = ({ path }) => {
      asked.push(path);
      return undefined;
    };
    const { port } = endpoint.address() as AddressInfo;
    expect(await pull('eu-1', port)).toMatchObject({ code: 1, json: { code: 'endpoint_not_agreed' } });
    expect(asked).not.toContain('POST /v1/regions/users');
  });

  it('says where nobody answers', async () => {
    expect(await pull('eu-1', 9)).toMatchObject({ code: 1, json: { ok: false } });
  });
});

describe('the opening keys of a pipeline', () => {
  it('stay with it after a renewal, the newest first', async () => {
    const before = openingKeys(world.vendor.dir);
    expect(before).toHaveLength(1);
    await renewEntity(world.vendor.dir, Date.now());
    const after = openingKeys(world.vendor.dir);
    expect(after).toHaveLength(2);
    expect(after[1]?.kid).toBe(before[0]?.kid);
  });
});

const credentials = (dir: string, ...more: string[]) =>
  interlock.run('data', 'credentials', '--company', dir, ...more, '--json');
const push = ['--collector', 'historian', '--machine', 'press-7', '--door', '127.0.0.1:8443'];

describe('interlock data credentials', () => {
  it('certifies a collector for its machines and writes what curl needs', async () => {
    const made = await credentials(world.buyer.dir, ...push, '--gateway', 'plant-gateway');
    expect(made).toMatchObject({ code: 0, json: { collector: 'historian', machines: ['press-7'] } });
    const config = readFileSync(String(made.json.curl), 'utf8');
    expect(config).toMatch(/^pinnedpubkey = "sha256\/\/[A-Za-z0-9+/]{43}="$/m);
    expect(config).not.toContain('PRIVATE KEY');
  });

  it('says which gateway the company has not, and what to give', async () => {
    expect(await credentials(world.buyer.dir, ...push, '--gateway', 'elsewhere')).toMatchObject({ code: 2 });
    expect(await credentials(world.buyer.dir)).toMatchObject({ code: 2 });
  });

  it('asks the broker for a user of the region, and says what it said', async () => {
    const asked = await credentials(
      world.vendor.dir,
      ...['--agreement', agreement.id, '--region', 'eu-1', '--endpoint', '127.0.0.1:4222'],
    );
    expect(asked).toMatchObject({ code: 1, json: { ok: false } });
  });
});
