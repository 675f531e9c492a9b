import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { notTaken, SILENT_FOR, TAKEN, type Taken, type TlsFiles } from '@interlock/company-side';
import type { ProvenRow } from '../proven-row.js';
import type { PushFormat } from './http-receiver.js';
import { syslogFrame } from './syslog-line.js';

/** A receiver that has no place for what a batch answers: the cursor has it. */
export interface SyslogReceiver {
  take(rows: readonly ProvenRow[]): Promise<Taken>;
}

/**
 * Hands each batch to a syslog server, TLS by RFC 5425 or plain TCP on this machine. Syslog has no answer of its own: a batch goes over one
 * connection, we end our half, and the batch counts as taken once the server ended its half too, which it does when it has read
 * everything. A connection that breaks before is a batch that was not taken. Whether the server kept it, only HTTP can say.
 */
export function syslogReceiver(to: URL, format: PushFormat, tls: TlsFiles): SyslogReceiver {
  return { take: (rows) => hand(to, tls, Buffer.from(rows.map((row) => syslogFrame(row, format)).join(''))) };
}

function hand(to: URL, tls: TlsFiles, frames: Buffer): Promise<Taken> {
  return new Promise((resolve) => {
    const socket = connected(to, tls);
    let ended = false;
    socket.setTimeout(SILENT_FOR, () => socket.destroy(new Error(`nothing for ${SILENT_FOR / 1_000} s`)));
    socket.once('error', (error) => resolve(notTaken(error.message || String(error))));
    socket.once('end', () => {
      ended = socket.writableFinished;
    });
    socket.once('close', () => resolve(ended ? TAKEN : notTaken('the connection ended before everything was read')));
    socket.resume();
    socket.end(frames);
  });
}

function connected(to: URL, tls: TlsFiles): Socket {
  const host = to.hostname.replace(/^\[|\]$/g, '');
  if (to.protocol === 'syslog:') return connectPlain({ host, port: Number(to.port || 601) });
  // RFC 6066, 3: an address is no server name.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port: Number(to.port || 6514), ...name, ...tls });
}
