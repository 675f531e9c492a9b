import { execFileSync } from 'node:child_process';

/** INTERLOCK_CHROMIUM, or what distributions call it, as a path; undefined where there is none. */
export function findChromium(): string | undefined {
  const names = [process.env.INTERLOCK_CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'];
  for (const name of names) {
    if (!name) continue;
    try {
      return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();
    } catch {
      // The next name.
    }
  }
  return undefined;
}
