import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DistributionPrograms } from './distribution-programs.js';
import { reachable } from './reachable-port.js';

const run = promisify(execFile);
/** A viewer names a screen and not a port. */
const FIRST_SCREEN = 5_900;
const [WIDTH, HEIGHT] = [320, 200];

/** An operator's panel: x11vnc in front of a picture in memory, so that every look at it shows the same. */
export async function remoteScreen({ screen, env }: DistributionPrograms, folder: string, port: number) {
  mkdirSync(folder, { recursive: true });
  const picture = join(folder, 'picture');
  writeFileSync(picture, randomBytes(WIDTH * HEIGHT * 4));
  const shown = [
    '-rawfb',
    `map:${picture}@${WIDTH}x${HEIGHT}x32`,
    '-viewonly',
    '-nopw',
    '-forever',
    '-shared',
    '-quiet',
  ];
  const child = spawn(screen, [...shown, '-localhost', '-noipv6', '-rfbport', String(port)], { env, stdio: 'ignore' });
  const stop = () => void child.kill();
  process.once('exit', stop);
  await reachable(port, child);
  return { stop };
}

/** What a viewer of another maker (vncsnapshot) sees behind a port: the picture as a file. */
export async function lookAt({ viewer, env }: DistributionPrograms, folder: string, port: number): Promise<Buffer> {
  const file = join(folder, `seen-${port}.jpg`);
  await run(viewer, ['-quiet', `127.0.0.1:${port - FIRST_SCREEN}`, file], { env, timeout: 30_000 });
  return readFileSync(file);
}
