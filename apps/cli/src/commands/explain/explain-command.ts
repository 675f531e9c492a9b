import { PROBLEM_CODES } from '@interlock/contracts';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { type SourceOptions, withSource } from '../audit/history-source.js';
import { ENDING_CODES } from '../endings.js';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { explained } from './explanation-of.js';
import { explainStored, isStored } from './stored-reason.js';

const ALL_CODES: readonly string[] = [
  ...PROBLEM_CODES,
  ...ENDING_CODES.filter((code) => !PROBLEM_CODES.includes(code)),
];

/** `interlock explain`: a code from a refusal, a log line or the end of a session in words; or why one decision or session of the log was a no. */
export function explainCommand(program: Command): void {
  withSource(withJson(program.command('explain')))
    .argument(
      '[code-or-id]',
      'a code; or a decision (dec_...), a session (ses_...) or a trace of the log; all codes where left out',
    )
    .description(
      'what a code means and what to do; why a decision or a session was a no, as far as it is yours to read',
    )
    .action((asked: string | undefined, options: JsonOption & SourceOptions) =>
      perform(options, async () => {
        if (asked === undefined) {
          const all = ALL_CODES.flatMap((one) => explained(one) ?? []);
          return allow({ json: { codes: all }, lines: all.map((one) => `${one.code}: ${one.means}`) });
        }
        return isStored(asked) ? explainStored(asked, options) : explainCode(asked);
      }),
    );
}

function explainCode(code: string) {
  const found = explained(code);
  if (!found) throw new WrongUsage(`there is no code "${code}"${likeIt(code)}`);
  const { means, whoCanMend, whatToDo } = found;
  return allow({
    json: { ...found },
    lines: [`${code}: ${means}`, ...(whoCanMend ? [`Who can mend it: ${whoCanMend}`] : []), `What to do: ${whatToDo}`],
  });
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
