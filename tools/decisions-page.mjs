// The index of the decision records, from their own headings.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEAD, table } from './page-parts.mjs';
import { ROOT } from './run.mjs';

const FOLDER = 'docs/decisions';

/** Number and title of every record, by number. Throws for a record whose heading does not begin with its number. */
function records() {
  return readdirSync(join(ROOT, FOLDER))
    .filter((name) => /^\d{4}-.+\.md$/.test(name))
    .sort()
    .map((name) => {
      const [, number, title] = /^# (\d{4})[: ]+(.+)/.exec(readFileSync(join(ROOT, FOLDER, name), 'utf8')) ?? [];
      if (number !== name.slice(0, 4)) throw new Error(`${name} does not begin with "# ${name.slice(0, 4)} TITLE"`);
      return [`[${number}](${name})`, title];
    });
}

/** The page that lists every decision. */
export const decisionsPage = () => `${HEAD}# Decisions

One page each: what was decided, why, what was given up, how we would notice it was wrong. A reversal is a new record that links the old one.

${table(['#', 'decision'], records())}

[dependencies.md](dependencies.md) gives the reason for each package.
`;
