import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsFiles } from '@interlock/company-side';
import type { EvidenceRecord } from '@interlock/domain';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { ProvenRow } from '../proven-row.js';
import { syslogFrame } from './syslog-line.js';
import { syslogReceiver } from './syslog-receiver.js';

const rowOf = (index: number, more: object = {}): ProvenRow => ({
  index,
  record: {
    ...{ v: 1, id: `evd_${index}`, log: 'agr_1', kind: 'session.cut', outcome: 'cut', at: Date.UTC(2026, 0, 2, 3) },
    ...{ source: 'delta-foods.example/plant-gateway', subject: null, resource: null, code: null, approvers: [] },
    ...more,
  } as unknown as EvidenceRecord,
});

/** A reader of RFC 5424 and of octet counting of its own. */
function messagesIn(bytes: Buffer): { head: string[]; said: unknown }[] {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(' ', at);
    const length = Number(bytes.subarray(at, blank).toString());
    const message = bytes.subarray(blank + 1, blank + 1 + length).toString();
    const [, head = '', said = ''] = /^((?:\S+ ){7})(.*)$/s.exec(message) ?? [];
    found.push({ head: head.trim().split(' '), said: JSON.parse(said) });
    at = blank + 1 + length;
  }
  return found;
}

let server: Server | undefined;
afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A server that reads to the end and then ends, or does with a connection what `treat` says. */
async function listening(make: (take: (socket: Socket) => void) => Server, treat?: (socket: Socket) => void) {
  const batches: Buffer[] = [];
  server = make((socket) => {
    socket.on('error', () => undefined);
    if (treat) return treat(socket);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
    socket.on('end', () => void batches.push(Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { batches, port: (server.address() as AddressInfo).port };
}

describe('a row as a syslog message', () => {
  it('has the header of RFC 5424, and the row in letters of ASCII alone', () => {
    const frame = syslogFrame(rowOf(7, { reason: 'Öl – "leaking"' }), 'ndjson');
    expect(frame).toMatch(/^[\x20-\x7e]+$/);
    expect(messagesIn(Buffer.from(frame))).toEqual([
      {
        head: ['<108>1', '2026-01-02T03:00:00.000Z', 'delta-foods.example', 'interlock', '-', 'session.cut', '-'],
        said: { index: 7, record: expect.objectContaining({ id: 'evd_7', reason: 'Öl – "leaking"' }) },
      },
    ]);
  });
});

describe('a syslog server', () => {
  it('is handed each batch over a connection of its own, which counts once the server has read to its end', async () => {
    const { batches, port } = await listening(createServer);
    const receiver = syslogReceiver(new URL(`syslog://127.0.0.1:${port}`), 'ndjson', {});
    const rows = Array.from({ length: 500 }, (_, at) => rowOf(at));
    expect(await receiver.take(rows)).toEqual({ taken: true });
    expect(await receiver.take([rowOf(500)])).toEqual({ taken: true });
    const said = batches.flatMap(messagesIn).map((one) => (one.said as ProvenRow).index);
    expect(said).toEqual(Array.from({ length: 501 }, (_, at) => at));
  });

  it('has not taken what it broke off, or what nobody listened to', async () => {
    const { port } = await listening(createServer, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const receiver = syslogReceiver(new URL(`syslog://127.0.0.1:${port}`), 'ndjson', {});
    const rows = Array.from({ length: 2_000 }, (_, at) => rowOf(at));
    expect(await receiver.take(rows)).toMatchObject({ taken: false });
    await new Promise((resolve) => server?.close(resolve));
    expect(await receiver.take(rows)).toMatchObject({ taken: false, why: expect.stringContaining('ECONNREFUSED') });
  });

  it('proves itself over TLS, and one that our authority does not vouch for is handed nothing', async () => {
    const [ours, other] = [await certificateOf('siem.example', '127.0.0.1'), await certificateOf('else.example')];
    const { batches, port } = await listening((take) => createTlsServer(ours, take));
    const take = (ca: string) =>
      syslogReceiver(new URL(`syslog+tls://127.0.0.1:${port}`), 'ocsf', { ca }).take([rowOf(1)]);
    expect(await take(other.cert)).toMatchObject({ taken: false });
    expect(batches).toEqual([]);
    expect(await take(ours.cert)).toEqual({ taken: true });
    expect(batches.flatMap(messagesIn)).toHaveLength(1);
  });
});

async function certificateOf(name: string, ip?: string): Promise<Required<Omit<TlsFiles, 'ca'>>> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names = [{ type: 'dns' as const, value: name }, ...(ip ? [{ type: 'ip' as const, value: ip }] : [])];
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: `CN=${name}`, keys, signingAlgorithm: algorithm, extensions: [new SubjectAlternativeNameExtension(names)] },
    webcrypto,
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n` };
}
