import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { dataSource } from './data-source.js';

/** One message of the server (PostgreSQL protocol 3.0): a letter, the length, the body. */
function said(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

const LET_IN = said('R', Buffer.alloc(4));
const READY = said('Z', Buffer.from('I'));
const KILLED = said(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

describe('a connection', () => {
  it('that breaks in the moment it is handed over fails whoever asked for it, and not the process', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        connections += 1;
        // In one piece, as a server says it that is killed while it lets somebody in.
        socket.end(Buffer.concat([LET_IN, READY, KILLED]));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const url = `postgres://somebody:nothing@127.0.0.1:${port}/interlock`;
      await expect(dataSource({ url, schema: 'grants' }, [], 1).initialize()).rejects.toThrow();
      expect(connections).toBeGreaterThan(0);
    } finally {
      server.close();
    }
  });
});
