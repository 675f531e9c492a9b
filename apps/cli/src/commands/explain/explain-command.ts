import { type Explanation, explanationOf, PROBLEM_CODES } from '@interlock/contracts';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { ENDING_CODES, endingOf } from '../endings.js';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';

/** A code in words; `status` and who can mend it are null for the end of a session. */
type Explained = { [K in keyof Explanation]: Explanation[K] | (K extends 'status' | 'whoCanMend' ? null : never) };

/** What a code of a refusal, of a fault or of the end of a session means. */
function explained(code: string): Explained | undefined {
  const ending = endingOf(code);
  return (
    explanationOf(code) ?? (ending && { code, status: null, whoCanMend: null, ...ending, means: `${ending.means}.` })
  );
}

const ALL_CODES: readonly string[] = [
  ...PROBLEM_CODES,
  ...ENDING_CODES.filter((code) => !PROBLEM_CODES.includes(code)),
];

/** `interlock explain`: a code from a refusal, a log line or the end of a session, in words. */
export function explainCommand(program: Command): void {
  withJson(program.command('explain'))
    .argument('[code]', 'the code; all of them where left out')
    .description('what a code means and what to do')
    .action((code: string | undefined, options: JsonOption) =>
      perform(options, async () => {
        if (code === undefined) {
          const all = ALL_CODES.flatMap((one) => explained(one) ?? []);
          return allow({ json: { codes: all }, lines: all.map((one) => `${one.code}: ${one.means}`) });
        }
        const found = explained(code);
        if (!found) throw new WrongUsage(`there is no code "${code}"${likeIt(code)}`);
        const { means, whoCanMend, whatToDo } = found;
        return allow({
          json: { ...found },
          lines: [
            `${code}: ${means}`,
            ...(whoCanMend ? [`Who can mend it: ${whoCanMend}`] : []),
            `What to do: ${whatToDo}`,
          ],
        });
      }),
    );
}

function likeIt(code: string): string {
  const parts = code
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part.length > 2);
  const shared = (one: string) => parts.filter((part) => one.includes(part)).length;
  const near = ALL_CODES.filter((one) => shared(one) > 0)
    .sort((a, b) => shared(b) - shared(a) || a.length - b.length)
    .slice(0, 5);
  return near.length > 0 ? `; did you mean ${near.join(', ')}?` : '; "interlock explain" lists all of them';
}
