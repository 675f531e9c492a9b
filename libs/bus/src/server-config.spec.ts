import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeyFromSeed } from '@interlock/proof';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loopbackCertificate } from '../../testkit/src/loopback-certificate.js';
import { anAgreement } from '../test/agreements.js';
import { RegionServer } from '../test/region-server.js';
import { askVarz } from './ask-servers.js';
import { checkServerVersion } from './check-server-version.js';
import { regionKeys } from './region-keys.js';
import { type BusServerSettings, busServerConfig, establishBusTrust } from './server-config.js';

const trust = establishBusTrust(nkeyFromSeed('operator', Buffer.alloc(32, 1)), regionKeys(Buffer.alloc(32, 2)), 1_000);
const settings: BusServerSettings = {
  serverName: 'bus-eu',
  region: 'eu',
  host: '127.0.0.1',
  port: 4222,
  storeDir: '/srv/bus',
  maxFileBytes: 1_000,
  syncAlways: true,
  maxConnections: 10,
};

describe('the configuration of a bus server', () => {
  it('knows no user without a JWT, no other port and no list of denials', () => {
    const text = busServerConfig({ ...settings, tls: { certFile: '/c', keyFile: '/k' } }, trust);
    expect(text).not.toMatch(/no_auth_user|http|monitor|leafnodes|websocket|mqtt|deny|debug|trace|password|token/);
    expect(text).toMatch(/min_version: "1.3"/);
    expect(text).toMatch(/max_control_line: 4096/);
  });

  it.each<[string, Partial<BusServerSettings>, RegExp]>([
    ['a public address without TLS', { host: '0.0.0.0' }, /needs TLS/],
    ['a name instead of an address', { host: 'localhost' }, /IP address/],
    ['a region that cannot be a domain', { region: 'EU West' }, /JetStream domain/],
    ['a path that ends its own quotes', { storeDir: '/x"\nno_auth_user: y' }, /control characters/],
    ['a name that does', { serverName: 'x"' }, /control characters/],
    ['a relative path', { storeDir: 'store' }, /absolute path/],
    ['no port', { port: 0 }, /TCP port/],
    ['no storage', { maxFileBytes: 0 }, /maxFileBytes/],
    ['no connections', { maxConnections: 0 }, /maxConnections/],
  ])('is not written for %s', (_why, more, message) => {
    expect(() => busServerConfig({ ...settings, ...more }, trust)).toThrow(message);
  });
});

describe('a bus server with a certificate', () => {
  const dir = mkdtempSync(join(tmpdir(), 'interlock-bus-tls-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('speaks TLS from the first byte, and to a stranger without it says nothing', async () => {
    await using bus = await RegionServer.start('eu', await loopbackCertificate(dir));
    expect(
      (await bus.reconcile(bus.compile({ region: 'eu', agreements: [anAgreement('one')] }))).accounts.failed,
    ).toEqual([]);
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(bus.port, '127.0.0.1', () => socket.write('CONNECT {}\r\nPING\r\n'));
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => undefined);
    });
    expect(heard).not.toMatch(/INFO|server_id|PONG/);
  }, 120_000);
});

describe('a bus server', () => {
  it('closes a stranger that says nothing, or sends a line without an end, and goes on for others', async () => {
    await using bus = await RegionServer.start();
    const closed = (text: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(bus.port, '127.0.0.1', () => socket.write(text));
        socket.on('data', () => undefined);
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    await Promise.all([closed(''), closed('x'.repeat(100_000)), closed('CONNECT {"jwt":"a.b.c","sig":"x"}\r\n')]);
    await bus.servers.system.flush();
  }, 120_000);
});

describe('the version of a bus server', () => {
  it.each(['2.12.12', '2.12.30', '2.14.3', '2.14.10', '2.15.0', '2.15.1', '3.0.0'])('%s is accepted', (version) => {
    expect(checkServerVersion({ version }).allowed).toBe(true);
  });
  it.each(['2.9.10', '2.10.27', '2.11.20', '2.12.11', '2.13.9', '2.14.2', '1.99.99'])('%s is too old', (version) => {
    expect(checkServerVersion({ version })).toMatchObject({ refusal: { code: 'bus_server_too_old' } });
  });
  it.each([{ version: '2.15.1-rc.1' }, { version: 'latest' }, { version: 2 }, {}, null, '2.15.1'])(
    '%j is unknown',
    (varz) => {
      expect(checkServerVersion(varz)).toMatchObject({ refusal: { code: 'bus_server_unknown' } });
    },
  );

  it('is what a running server says of itself', async () => {
    await using bus = await RegionServer.start();
    const [varz] = await askVarz(bus.servers);
    expect(checkServerVersion(varz).allowed).toBe(true);
  }, 120_000);
});
