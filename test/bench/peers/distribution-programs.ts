import { join } from 'node:path';
import { librariesIn, openCacheFolder, unpackPackages } from '@interlock/trial';

const SSHD = 'usr/sbin/sshd';
const SCREEN = 'usr/bin/x11vnc';
const VIEWER = 'usr/bin/vncsnapshot';
const MQTT = 'usr/sbin/mosquitto';

/** Programs of the distribution that stand behind a gateway in a plant, or look at what does; not installed on this machine. */
export interface DistributionPrograms {
  readonly sshd: string;
  readonly screen: string;
  readonly viewer: string;
  readonly mqtt: string;
  /** What they need to find their libraries. */
  readonly env: NodeJS.ProcessEnv;
}

/** Their packages from the distribution, by its own signed package manager; the reason where they cannot be had. */
export async function distributionPrograms(): Promise<DistributionPrograms | string> {
  try {
    const cache = openCacheFolder();
    const kept = join(cache, 'plant-programs');
    await unpackPackages(cache, kept, {
      names: ['openssh-server', 'x11vnc', 'vncsnapshot', 'mosquitto'],
      unpacked: /^(openssh-server|x11vnc|vncsnapshot|mosquitto|lib.*)_.*\.deb$/,
      programs: [SSHD, SCREEN, VIEWER, MQTT],
    });
    const [sshd, screen, viewer, mqtt] = [SSHD, SCREEN, VIEWER, MQTT].map((one) => join(kept, one));
    if (!sshd || !screen || !viewer || !mqtt) return 'their packages do not hold them';
    const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: librariesIn(kept).join(':') };
    return { sshd, screen, viewer, mqtt, env };
  } catch (cause) {
    return cause instanceof Error ? (cause.message.trim().split('\n').at(-1) ?? 'no packages') : String(cause);
  }
}
