import { REFUSALS } from '@interlock/contracts';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { ENDING_CODES, endingOf } from '../endings.js';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';

export interface Explanation {
  readonly code: string;
  readonly means: string;
  readonly whatToDo: string | null;
  /** HTTP status that goes with a refusal; null for the end of a session. */
  readonly status: number | null;
}

/** What a code means and what to do about it; undefined for a code that does not exist. */
export function explanationOf(code: string): Explanation | undefined {
  if (Object.hasOwn(REFUSALS, code)) {
    const { title, status } = REFUSALS[code as keyof typeof REFUSALS];
    const [means = title, ...advice] = title.split('; ');
    return { code, means, whatToDo: advice.length > 0 ? advice.join('; ') : (WHO_CAN[status] ?? null), status };
  }
  const ending = endingOf(code);
  return ending && { code, ...ending, status: null };
}

/** Where the sentence itself names no step: who can change anything about it. */
const WHO_CAN: Readonly<Record<number, string>> = {
  400: 'What was sent must be corrected and sent again.',
  401: 'Log in, or sign, as somebody who is known here.',
  403: 'Nothing can be done by trying again; the documents have to change, and both companies sign those.',
  404: 'Check the name. That something does not exist, and that it is not yours, is one answer on purpose.',
  409: 'Read what is held now, and begin from there.',
  413: 'Send less at a time.',
  429: 'Wait, then go on more slowly.',
  503: 'Try again later; the owner of what does not answer has to look.',
};

const ALL_CODES: readonly string[] = [...Object.keys(REFUSALS), ...ENDING_CODES];

/** `interlock explain`: a code from a refusal, a log line or the end of a session, in words. */
export function explainCommand(program: Command): void {
  withJson(program.command('explain'))
    .argument('[code]', 'the code; all of them where left out')
    .description('what a code means and what to do')
    .action((code: string | undefined, options: JsonOption) =>
      perform(options, async () => {
        if (code === undefined) {
          const all = ALL_CODES.flatMap((one) => explanationOf(one) ?? []);
          return allow({ json: { codes: all }, lines: all.map((one) => `${one.code}: ${one.means}`) });
        }
        const explained = explanationOf(code);
        if (!explained) throw new WrongUsage(`there is no code "${code}"${likeIt(code)}`);
        const { means, whatToDo } = explained;
        return allow({
          json: { ...explained },
          lines: [`${code}: ${means}.`, ...(whatToDo ? [`What to do: ${whatToDo}`] : [])],
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
