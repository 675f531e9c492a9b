import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { DistributionPrograms } from './distribution-programs.js';
import { reachable } from './reachable-port.js';

export interface OpenSshServer {
  readonly port: number;
  /** The user it lets in, and the key it lets in with. */
  readonly user: string;
  readonly identity: string;
  /** Whether it is OpenSSH's own, with shells and terminals. */
  readonly own: boolean;
  stop(): void;
}

/** Written for one run alone: no password, one key, this user. */
const settings = (folder: string, port: number): string => `Port ${port}
ListenAddress 127.0.0.1
HostKey ${join(folder, 'host')}
AuthorizedKeysFile ${join(folder, 'me.pub')}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
`;

/** As root it wants a user and a folder of its own, which it gets in a mount namespace that ends with it; nothing of the machine is changed. */
function wrapped(folder: string, sshd: string, config: string): readonly [string, readonly string[]] {
  const own = [sshd, '-D', '-e', '-f', config];
  if (process.getuid?.() !== 0) return [sshd, own.slice(1)];
  const users = join(folder, 'passwd');
  copyFileSync('/etc/passwd', users);
  if (!/^sshd:/m.test(readFileSync(users, 'utf8')))
    writeFileSync(users, 'sshd:x:64104:65534::/run/sshd:/usr/sbin/nologin\n', { flag: 'a' });
  const lay = 'mount -t tmpfs none /run && mkdir /run/sshd && mount --bind "$0" /etc/passwd && exec "$@"';
  return ['unshare', ['--mount', 'sh', '-c', lay, users, ...own]];
}

/** OpenSSH's own server on the loopback address, with keys made for this run. Rejects where it does not come up. */
export async function openSshServer(
  programs: DistributionPrograms,
  folder: string,
  port: number,
): Promise<OpenSshServer> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const key of ['host', 'me'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  const config = join(folder, 'sshd_config');
  writeFileSync(config, settings(folder, port));
  const [program, args] = wrapped(folder, programs.sshd, config);
  const child: ChildProcess = spawn(program, args, { env: programs.env, stdio: ['ignore', 'ignore', 'ignore'] });
  const stop = () => void child.kill();
  process.once('exit', stop);
  await reachable(port, child);
  return { port, user: userInfo().username, identity: join(folder, 'me'), own: true, stop };
}
