import { REFUSALS } from '@interlock/contracts';
import type { Decision, Refusal } from '@interlock/domain';
import { type Command, CommanderError } from 'commander';
import { endingOf } from './endings.js';

/** What a verb found out or did: for programs in `json`, for people in `lines`. */
export interface Shown {
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

/** The command was not understood; nothing was done. Ends with exit code 2, a refusal or a fault with 1. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export interface JsonOption {
  readonly json?: boolean;
}

/** Every verb has it: a person reads lines, a program the one JSON object on the last line of standard output. */
export const withJson = (command: Command): Command =>
  command.option('--json', 'one JSON object on the last line of standard output');

/** Runs one verb, prints what it decided and sets the exit code: 0 done, 1 refused or failed, 2 not understood. */
export async function perform(options: JsonOption, work: () => Promise<Decision<Shown>>): Promise<void> {
  try {
    const done = await work();
    if (done.allowed) print(options, { ok: true, ...done.value.json }, done.value.lines);
    else {
      process.exitCode = 1;
      printRefusal(options, done.refusal);
    }
  } catch (error) {
    process.exitCode = error instanceof WrongUsage || error instanceof CommanderError ? 2 : 1;
    printFault(options, error);
  }
}

function print({ json }: JsonOption, object: object, lines: readonly string[]): void {
  const text = json ? JSON.stringify(object) : lines.join('\n');
  if (text !== '') process.stdout.write(`${text}\n`);
}

function printRefusal(options: JsonOption, refusal: Refusal): void {
  const { code, clause, detail } = refusal;
  const title = titleOf(code);
  if (options.json)
    print(options, { ok: false, code, title, ...(clause && { clause }), ...(detail && { detail }) }, []);
  else process.stderr.write(`${refusalWords(refusal)}\n`);
}

/** A refusal in one line: the code, where, what it means and what to do, and where to read more. */
export function refusalWords({ code, clause, detail }: Refusal): string {
  const title = titleOf(code);
  const more = detail && detail !== title ? ` ${detail}.` : '';
  return `refused: ${code}${clause ? ` (${clause})` : ''}. ${title}.${more}`;
}

export const titleOf = (code: string): string =>
  Object.hasOwn(REFUSALS, code)
    ? REFUSALS[code as keyof typeof REFUSALS].title
    : (endingOf(code)?.means ?? 'What was shown does not verify, so nothing was done');

/** What went wrong, as a line for people or as the one JSON object of a verb. */
export function printFault(options: JsonOption, error: unknown): void {
  const message = faultWords(error);
  if (options.json) print(options, { ok: false, error: message }, []);
  else process.stderr.write(`error: ${message}\n`);
}

/** What went wrong, with every cause behind it. */
export function faultWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own =
    error instanceof AggregateError && error.message === '' ? error.errors.map(String).join('; ') : error.message;
  return error.cause === undefined ? own : `${own} (${faultWords(error.cause)})`;
}

/** Says on standard error what is being waited for, once it has taken longer than a second. */
export async function waitingFor<T>(what: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => tell(`${what} ...`), 1_000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** A line for whoever watches; never on standard output, which belongs to the answer. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
