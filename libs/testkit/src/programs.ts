import { fileURLToPath } from 'node:url';

/** Where the bundled programs stand, each in a folder of its own name: `npm test` and `npm start` make them. */
export const PROGRAMS = fileURLToPath(new URL('../../../dist/apps/', import.meta.url));
