import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileEvents, type Numbered, type PushReport, pushEvents, type RefusedEvent } from '@interlock/client';
import { readCollectorDoor } from '@interlock/company-side';
import { allow, type Decision, isFileName, LARGEST_FILE, type ResourceRef } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, tell, titleOf, WrongUsage, withJson } from '../perform.js';
import { mustBeReadable, resource } from '../read-arguments.js';

interface PushFlags extends JsonOption {
  readonly whole?: ResourceRef;
}

/** `interlock data push`: CloudEvents, one JSON object a line, to the gateway's door. */
export function pushVerb(data: Command): void {
  withJson(data.command('push'))
    .description('push CloudEvents, one JSON object a line, through the door of a gateway of your company')
    .argument('<folder>', 'the folder that "interlock data credentials --collector" made')
    .argument('[file]', 'where the lines are; standard input where it is left out')
    .option(
      '--whole <owner/resource>',
      'push the file itself, as one from this resource, for the drop box of who receives it',
      resource,
    )
    .action((folder: string, file: string | undefined, options: PushFlags) =>
      perform(options, async () => {
        if (file !== undefined) mustBeReadable(file);
        const abort = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort());
        const input = options.whole ? wholeFile(file, options.whole) : file ? createReadStream(file) : process.stdin;
        const pushed = await pushLines(folder, input, abort.signal);
        if (!pushed.allowed) return pushed;
        if (pushed.value.refused > 0 || abort.signal.aborted) process.exitCode = 1;
        return allow({ json: { ...pushed.value }, lines: [words(pushed.value)] });
      }),
    );
}

async function pushLines(
  folder: string,
  input: NodeJS.ReadableStream | AsyncIterable<Numbered>,
  signal: AbortSignal,
): Promise<Decision<PushReport>> {
  const door = readCollectorDoor(folder, Date.now);
  let unread = 0;
  const onUnread = (refused: RefusedEvent) => {
    unread += 1;
    tellRefused(refused);
  };
  const says = everySecond();
  const events = 'read' in input ? eventsOf(input, onUnread, signal) : (input as AsyncIterable<Numbered>);
  const pushed = await pushEvents(events, {
    door,
    signal,
    onRefused: tellRefused,
    onProgress: (report) => says(words(report)),
    onWaiting: (why) => says(`${why}; pushing the same again ...`),
    rest: (ms) => wait(ms, undefined, { signal }).catch(() => undefined),
  });
  return pushed.allowed ? allow({ ...pushed.value, refused: pushed.value.refused + unread }) : pushed;
}

/** The file as parts. Pushed again after whatever broke off, it goes on where it ended. */
function wholeFile(file: string | undefined, from: ResourceRef): AsyncIterable<Numbered> {
  if (file === undefined || !isFileName(basename(file)))
    throw new WrongUsage('give a file whose name has letters, digits, dots, dashes and underscores alone');
  const bytes = readFileSync(file);
  if (bytes.length === 0 || bytes.length > LARGEST_FILE)
    throw new WrongUsage(`${file} has ${bytes.length} bytes; a file that comes in has 1 to ${LARGEST_FILE}`);
  return fileEvents(bytes, basename(file), from);
}

/** Each line is one event, named by its number; empty lines are nothing. */
async function* eventsOf(
  input: NodeJS.ReadableStream,
  onUnread: (refused: RefusedEvent) => void,
  signal: AbortSignal,
): AsyncGenerator<Numbered> {
  let at = 0;
  for await (const line of createInterface({ input, signal })) {
    at += 1;
    if (line.trim() === '') continue;
    const event = objectIn(line);
    if (event) yield { at, event };
    else onUnread({ at, code: 'not_json', change: titleOf('not_json') });
  }
}

function objectIn(line: string): object | undefined {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

const tellRefused = ({ at, code, change }: RefusedEvent): void =>
  tell(`line ${at} was not taken: ${code}${change ? `. ${change}` : ''}`);

const words = ({ accepted, repeated, refused }: PushReport): string =>
  `${accepted} events are on the gateway's disk, ${repeated} had been taken before, ${refused} were not taken`;

/** Says at most one line a second, and nothing in the first. */
function everySecond(): (line: string) => void {
  let said = performance.now();
  return (line) => {
    if (performance.now() - said < 1_000) return;
    said = performance.now();
    tell(line);
  };
}
