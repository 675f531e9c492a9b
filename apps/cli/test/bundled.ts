import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The program of an app as a person starts it: `npm test` and `npm run build` make it before any test runs. */
export function bundled(app: string): string {
  const program = fileURLToPath(new URL(`../../../dist/apps/${app}/main.js`, import.meta.url));
  if (!existsSync(program)) throw new Error(`${program} is not there; "npm run build" makes it`);
  return program;
}
