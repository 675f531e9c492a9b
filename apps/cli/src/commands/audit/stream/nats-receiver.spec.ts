import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceRecord } from '@interlock/domain';
import { type LoopbackCertificate, loopbackCertificate } from '@interlock/testkit';
import { findNatsServer, openCacheFolder, startNats } from '@interlock/trial';
import { afterAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { natsReceiver } from './nats-receiver.js';

const folder = mkdtempSync(join(tmpdir(), 'interlock-nats-tls-'));
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a NATS server over TLS', () => {
  it('is spoken to where its authority vouches for it, and nobody else is told a row', async () => {
    const places = ['own', 'other'].map((name) => join(folder, name));
    for (const place of places) mkdirSync(place, { mode: 0o755 });
    const made = await Promise.all(places.map(loopbackCertificate));
    const [own, other] = made as [LoopbackCertificate, LoopbackCertificate];
    const cache = openCacheFolder();
    const binary = await findNatsServer(cache, () => undefined, { configured: process.env.INTERLOCK_NATS_SERVER });
    const configText = `jetstream: {}\ntls: { cert_file: "${own.certFile}", key_file: "${own.keyFile}" }\n`;
    const server = await startNats({ binary, configText, dir: join(folder, 'server'), binCacheDir: cache });
    const servers = `127.0.0.1:${server.port}`;
    const byAddress = { ca: own.ca, host: '127.0.0.1' };
    const link = await connect({ servers, tls: byAddress });
    const manager = await jetstreamManager(link);
    await manager.streams.add({ name: 'SIEM', subjects: ['siem.>'] });
    const rows = [0, 1].map((index) => ({ index, record: { id: `evd_${index}` } as EvidenceRecord }));
    const take = async (tls: { ca?: string }) => {
      const receiver = natsReceiver(new URL(`nats+tls://${servers}/siem.audit`), 'ndjson', tls);
      const { taken } = await receiver.take(rows, { log: 'agr_1', filter: {}, from: 0, to: 2 });
      await receiver.close?.();
      return taken;
    };
    const kept = async () => (await manager.streams.info('SIEM')).state.messages;
    expect([await take({ ca: other.ca }), await take({}), await kept()]).toEqual([false, false, 0]);
    expect([await take({ ca: own.ca }), await kept()]).toEqual([true, 2]);
    await link.close();
    await server.stop();
  }, 60_000);
});
