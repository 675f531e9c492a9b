import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { type ConnectorSession, splice } from '@interlock/company-side';
import { allow, type Decision, type LocalId } from '@interlock/domain';
import { refusalWords, tell } from '../perform.js';

export interface LocalDoor {
  readonly port: number;
  close(): void;
}

/** A port on this computer's loopback address; every connection to it becomes one stream of the session. */
export async function openLocalPort(session: ConnectorSession, service: LocalId, port: number): Promise<LocalDoor> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    void carry(session, service, socket);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function carry(session: ConnectorSession, service: LocalId, socket: Socket): Promise<void> {
  const stream = await session.openStream(service);
  if (stream.allowed && !socket.destroyed) return splice(socket, stream.value);
  if (stream.allowed) stream.value.destroy();
  else tell(`a connection was not let through; ${refusalWords(stream.refusal)}`);
  socket.destroy();
}

/** Carries one stream over standard input and output, as an SSH client's ProxyCommand; resolves when either end is done. */
export async function carryStdio(session: ConnectorSession, service: LocalId): Promise<Decision<true>> {
  const opened = await session.openStream(service);
  if (!opened.allowed) return opened;
  const stream = opened.value;
  process.stdin.pipe(stream);
  stream.pipe(process.stdout, { end: false });
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.once('error', () => resolve());
    process.stdout.once('error', () => resolve());
  });
  process.stdin.destroy();
  stream.destroy();
  return allow(true);
}
