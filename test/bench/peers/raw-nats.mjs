// A NATS client of a socket and counters: nothing of a client library is in the measured path.

import { connect } from 'node:net';

/** Connects as one user, and hands each line and payload of the server to `on`. */
export function openRaw({ port, jwt, key, on }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    let rest = Buffer.alloc(0);
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (;;) {
        const end = rest.indexOf('\r\n', at);
        if (end < 0) break;
        const line = rest.latin1Slice(at, end);
        const counted = line.startsWith('MSG ') || line.startsWith('HMSG ');
        const size = counted ? Number(line.slice(line.lastIndexOf(' ') + 1)) + 2 : 0;
        if (rest.length < end + 2 + size) break;
        at = end + 2 + size;
        if (line.startsWith('INFO')) login(JSON.parse(line.slice(5)));
        else if (line === 'PING') socket.write('PONG\r\n');
        else if (line === 'PONG') resolve(socket);
        else if (line.startsWith('-ERR')) reject(new Error(line));
        else if (counted) on(line);
      }
      rest = rest.subarray(at);
    });
    const login = ({ nonce }) => {
      const sig = key.sign(Buffer.from(nonce)).toString('base64url');
      const hello = { verbose: false, pedantic: false, headers: true, no_responders: true, lang: 'raw', version: '1' };
      socket.write(`CONNECT ${JSON.stringify({ ...hello, jwt, nkey: key.publicKey, sig })}\r\nPING\r\n`);
    };
  });
}
