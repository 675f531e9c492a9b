import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { TlsFiles } from '@interlock/company-side';
import { isThisMachine } from '@interlock/contracts';
import { type AgreementId, allow, type Decision } from '@interlock/domain';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { privateLine } from '../../passphrase.js';
import { type JsonOption, perform, type Shown, tell, WrongUsage } from '../../perform.js';
import { historySource, type SourceOptions } from '../history-source.js';
import type { LogQuestion } from '../read-log.js';
import { openCursor } from './cursor-file.js';
import { httpReceiver, PUSH_FORMATS, type PushFormat } from './http-receiver.js';
import { type Receiver, subjectOf } from './receiver.js';
import { streamLogs } from './stream-logs.js';
import { syslogReceiver } from './syslog-receiver.js';

interface StreamOnly extends SourceOptions {
  readonly log?: AgreementId;
  readonly receiver: URL;
  readonly format: PushFormat;
  readonly cursor: string;
  readonly batch: number;
  readonly once?: boolean;
  readonly authorizationFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}
type StreamOptions = JsonOption & LogQuestion & StreamOnly;

/** `interlock audit stream`: the history as it comes, to a SIEM. */
export function streamVerb(command: Command): void {
  command
    .description(
      'hand every verified row to a SIEM as it comes, and go on where it stopped; runs until it is told to end',
    )
    .requiredOption(
      '--receiver <address>',
      'https://..., syslog+tls://host[:6514], nats+tls://host[:4222]/subject; http://, syslog:// and nats:// on this machine',
      address,
    )
    .requiredOption('--cursor <file>', 'what was taken so far is kept here; a file for each stream')
    .addOption(new Option('--format <name>', 'how each row is written').choices(PUSH_FORMATS).default('ocsf'))
    .option('--batch <rows>', 'rows handed over at once, at most', batchSize, 500)
    .option(
      '--authorization-file <file>',
      'the value of the Authorization header, or the token of a NATS server, in a file only you can read',
    )
    .option('--ca <file>', 'who vouches for the receiver, PEM; the authorities of this machine where left out')
    .option('--cert <file>', 'our certificate for the receiver, PEM')
    .option('--key <file>', 'the key of that certificate, PEM')
    .option('--once', 'end when everything that is there was taken, or with the first failure')
    .action((options: StreamOptions) => perform(options, () => stream(options)));
}

async function stream(options: StreamOptions): Promise<Decision<Shown>> {
  const { log, receiver: to, format, cursor, batch, once = false, json: _json, ...rest } = options;
  const { company: _company, connector: _connector, home: _home, open: _open, loginCommand: _login, ...asking } = rest;
  const { authorizationFile, ca, cert, key, ...question } = asking;
  const source = await historySource(options);
  if (!source.allowed) return source;
  const receiver = await receiverOf(to, format, tlsOf({ ca, cert, key }), authorizationFile);
  const named = `${to.origin === 'null' ? `${to.protocol}//${to.host}` : to.origin}${to.pathname}`;
  const asked = Object.entries(question).map(([name, value]) => `${name}=${value}`);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort());
  try {
    const streamed = await streamLogs({
      company: source.value,
      ...{ log, question, batch, once, tell },
      receiver,
      cursor: openCursor(cursor, [log ?? 'every agreement', ...asked.sort(), format, named].join(' '), question),
      stop: abort.signal,
      rest: (ms) => wait(ms, undefined, { signal: abort.signal }).catch(() => undefined),
    });
    if (!streamed.allowed) return streamed;
    const { rows } = streamed.value;
    return allow({ json: { rows, receiver: named, format, cursor }, lines: [`${rows} row(s) were taken by ${named}`] });
  } finally {
    await receiver.close?.();
  }
}

async function receiverOf(
  to: URL,
  format: PushFormat,
  tls: TlsFiles,
  authorizationFile: string | undefined,
): Promise<Receiver> {
  const said = authorizationFile === undefined ? undefined : privateLine(authorizationFile);
  if (to.protocol.startsWith('http')) return httpReceiver(to, format, tls, said);
  if (to.protocol.startsWith('nats')) {
    const { natsReceiver } = await import('./nats-receiver.js');
    return natsReceiver(to, format, tls, said);
  }
  if (authorizationFile !== undefined)
    throw new WrongUsage('syslog has no Authorization header; name --cert and --key');
  return syslogReceiver(to, format, tls);
}

function tlsOf(files: { readonly [Name in keyof TlsFiles]: string | undefined }): TlsFiles {
  const there = Object.entries(files).filter((one): one is [string, string] => one[1] !== undefined);
  return Object.fromEntries(there.map(([name, file]) => [name, pem(file)]));
}

function pem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WrongUsage(`${file} cannot be read; check the path`, { cause });
  }
}

/** What the history says is for nobody on the way: plain text goes no further than this machine. */
function address(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname ?? '';
  const here = isThisMachine(host);
  const safe = url && host !== '' && ['https:', 'syslog+tls:', 'nats+tls:'].includes(url.protocol);
  const names = !url?.protocol.startsWith('nats') || /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(subjectOf(url));
  const plain = here && ['http:', 'syslog:', 'nats:'].includes(url?.protocol ?? '');
  if (url && names && !url.username && !url.password && (safe || plain)) return url;
  throw new InvalidArgumentError(
    'give https://host/path or syslog+tls://host or nats+tls://host/subject, without a user name; http://, syslog:// and nats:// are for 127.0.0.1 alone',
  );
}

function batchSize(text: string): number {
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1 && size <= 1_000) return size;
  throw new InvalidArgumentError('give a whole number from 1 to 1000');
}
