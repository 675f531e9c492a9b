import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { OpenSshServer } from './open-ssh.js';

/** Where there is no OpenSSH server: one that runs what it is told to, as an inetd would, with the distribution's scp on the machine's side. */
export async function sshServer(folder: string): Promise<OpenSshServer> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const identity = join(folder, 'me');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identity]);
  const hostKeys = [ssh2.utils.generateKeyPairSync('ed25519').private];
  const server = new ssh2.Server({ hostKeys }, (client) => {
    client.on('error', () => undefined).on('authentication', (asked) => asked.accept());
    client.on('session', (accept) => {
      accept().on('exec', (take, _reject, { command }) => {
        const channel = take();
        const child: ChildProcess = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'ignore'] });
        if (child.stdin) channel.pipe(child.stdin);
        child.stdout?.pipe(channel, { end: false });
        child.once('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, user: 'press', identity, own: false, stop: () => void server.close() };
}
