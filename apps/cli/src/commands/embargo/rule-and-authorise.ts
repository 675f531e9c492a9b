import { readFileSync } from 'node:fs';
import { recordAuthorisation, recordRuling, reviewQueue, revokeAuthorisation } from '@interlock/company-side';
import { allow, type Decision } from '@interlock/domain';
import { type Command, Option } from 'commander';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';

interface ReviewFlags extends JsonOption {
  readonly says?: 'match' | 'not-a-match';
  readonly by?: string;
  readonly reason?: string;
}

export function reviewVerb(embargo: Command): void {
  withJson(embargo.command('review'))
    .argument('<folder>', 'the folder of the company')
    .argument('[id]', 'the match to rule on; without it, what waits is listed')
    .description('what waits for a human, and the ruling on it; a ruling lapses when the entry changes')
    .addOption(new Option('--says <ruling>', 'what it is').choices(['match', 'not-a-match']))
    .option('--by <person>', 'who rules')
    .option('--reason <text>', 'why, for the record')
    .action((dir: string, id: string | undefined, flags: ReviewFlags) =>
      perform(flags, async () => (id === undefined ? allow(queue(dir)) : allow(rule(dir, id, flags)))),
    );
}

function queue(dir: string): Shown {
  const waiting = reviewQueue(dir);
  return {
    json: { waiting },
    lines:
      waiting.length === 0
        ? ['nothing waits']
        : waiting.map(
            ({ id, name, list, entry, because }) => `${id}  "${name}" and entry ${entry} of ${list}: ${because}`,
          ),
  };
}

function rule(dir: string, id: string, { says, by, reason }: ReviewFlags): Shown {
  const subject = reviewQueue(dir).find((one) => one.id === id);
  if (!subject) throw new WrongUsage(`"${id}" does not wait; "interlock embargo review ${dir}" lists what does`);
  if (!says || !by || !reason) throw new WrongUsage('a ruling needs --says, --by and --reason');
  const { list, entry, version, organisation, name } = subject;
  recordRuling(dir, { subject: { list, entry, version, organisation, name }, says, by, reason, at: Date.now() });
  return {
    json: { id, says },
    lines: [`recorded: "${name}" is ${says === 'match' ? '' : 'not '}entry ${entry} of ${list}`],
  };
}

interface AuthoriseFlags extends JsonOption {
  readonly revoke?: string;
}

export function authoriseVerb(embargo: Command): void {
  withJson(embargo.command('authorise'))
    .argument('<folder>', 'the folder of the company')
    .argument('[file]', 'JSON: number, authority, scope, validity, conditions, reporting')
    .description('record a licence or an exception the company claims, or end one at once')
    .option('--revoke <number>', 'the authorisation that was annulled, suspended or withdrawn')
    .action((dir: string, file: string | undefined, flags: AuthoriseFlags) =>
      perform(flags, async () => authorise(dir, file, flags.revoke)),
    );
}

function authorise(dir: string, file: string | undefined, revoke: string | undefined): Decision<Shown> {
  if ((file === undefined) === (revoke === undefined)) throw new WrongUsage('give a file, or --revoke <number>');
  const done =
    file === undefined
      ? revokeAuthorisation(dir, revoke ?? '', Date.now())
      : recordAuthorisation(dir, readFileSync(file, 'utf8'), Date.now());
  if (!done.allowed) return done;
  const { number } = 'authorisation' in done.value ? done.value.authorisation : done.value;
  return allow({
    json: { number, revoked: file === undefined },
    lines: [`${number} ${file === undefined ? 'lifts nothing any more' : 'is recorded'}`],
  });
}
