import { join, parse } from 'node:path';
import type { RemoteSession } from '@interlock/client';
import { type HttpProxy, makePrivateFolder, readKeyFile, writeDurably } from '@interlock/company-side';
import { admission } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type GrantId,
  type Instant,
  type LocalId,
  parseAction,
  parseLocalId,
} from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { endingOf } from '../endings.js';
import { connectorSettings, personFolder, withHome } from '../login/person-folder.js';
import { type AddressOptions, showAddress, withAddress } from '../login/show-address.js';
import { type JsonOption, perform, type Shown, tell, titleOf, WrongUsage, withJson } from '../perform.js';
import { grantId, httpProxy, origin, port, readJsonFile } from '../read-arguments.js';
import { spanWords, untilWords } from '../words.js';
import { carryStdio, openLocalPort } from './carry-streams.js';
import { connectActivated, connectRemote } from './connect-remote.js';

interface Service {
  readonly resource: LocalId;
  readonly service: LocalId;
}

interface ConnectOptions extends JsonOption, AddressOptions {
  readonly agent?: string;
  readonly home?: string;
  readonly connector?: string;
  readonly company?: string;
  readonly port?: number;
  readonly stdio?: boolean;
  readonly proxy?: HttpProxy;
  readonly activated?: string;
  readonly key?: string;
}

/** `interlock connect`: one session on one service, by the grant that both companies signed. */
export function connectCommand(program: Command): void {
  withAddress(withHome(withJson(program.command('connect'))))
    .argument('<grant>', 'the grant, by its id (grt_...)', grantId)
    .argument('<resource/service>', 'what to reach, such as press-7/ssh', service)
    .description('log in at your own company, meet the gateway of the owner, and reach a service of its machine')
    .option('--agent <origin>', "your own company's agent, where it is not the one in the connector file", origin)
    .option(
      '--connector <file>',
      'what your company gave for this computer; connector.json in the folder of --home where left out',
    )
    .option('--company <folder>', "your company's own folder in place of a connector file, where it is on this machine")
    .option('--proxy <url>', 'HTTP proxy that lets CONNECT through to broker and relay', httpProxy)
    .option('--activated <file>', 'what "interlock gateway activate" wrote, in place of login and broker; with --key')
    .option('--key <file>', 'with --activated: the private key that the dormant grant names')
    .option('--port <port>', 'local port to listen on; a free one where left out', port)
    .option('--stdio', 'carry one stream over standard input and output, as ProxyCommand of an SSH client')
    .action(async (grant: GrantId, what: Service, options: ConnectOptions) => {
      await perform(options, () => connect(grant, what, options));
      if (options.stdio) await leave();
    });
}

/**
 * Ends this process once everything is written. Left to itself, Node may turn for ever in closing a pipe whose other end has gone, as an SSH client's
 * has as soon as it knows its exit code; whoever waits for the pipes to close would wait with it.
 */
async function leave(): Promise<void> {
  await new Promise<void>((written) => {
    process.stdout.write('', () => written());
  });
  process.exit();
}

function service(text: string): Service {
  const slash = text.lastIndexOf('/');
  const [resource, name] = [parseLocalId(text.slice(0, Math.max(slash, 0))), parseAction(text.slice(slash + 1))];
  if (!resource || !name) throw new InvalidArgumentError(`"${text}" is not resource/service, such as press-7/ssh`);
  return { resource, service: name };
}

async function connect(grant: GrantId, what: Service, options: ConnectOptions): Promise<Decision<Shown>> {
  if (options.stdio && options.json)
    throw new WrongUsage('with --stdio, standard output belongs to the stream; leave out --json');
  if (options.stdio && options.port) throw new WrongUsage('give either --stdio or --port');
  const from = options.company
    ? { company: options.company }
    : { connector: options.connector ?? join(personFolder(options.home), 'connector.json') };
  const known = connectorSettings(from);
  const settings = options.agent ? { ...known, agentOrigin: options.agent } : known;
  const abort = new AbortController();
  const end = () => abort.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  const request = {
    ...{ settings, grant, ...what, signal: abort.signal, proxy: options.proxy },
    onEnding: (at: Instant, why: string) => tell(`the session ${untilWords(at, Date.now())}: ${titleOf(why)}`),
  };
  const opened = await (options.activated === undefined
    ? connectRemote({ ...request, show: showAddress(options) })
    : connectActivated({ ...request, ...activatedWith(options.activated, options.key) }));
  if (!opened.allowed) return opened;
  return use(opened.value, what, options);
}

function activatedWith(file: string, key: string | undefined) {
  if (key === undefined) throw new WrongUsage('--activated needs the key that the dormant grant names: give --key');
  const read = admission.safeParse(readJsonFile(file));
  if (!read.success) throw new WrongUsage(`${file} is not what "interlock gateway activate" writes`);
  const { dir, name } = parse(key);
  return { activated: read.data, key: readKeyFile(dir || '.', name) };
}

async function use(
  remote: RemoteSession,
  { service: name }: Service,
  options: ConnectOptions,
): Promise<Decision<Shown>> {
  tell(`approved by ${remote.approvedBy.join(' and ')}; the window ${untilWords(remote.endsAt, Date.now())}`);
  const reminders = remind(remote.endsAt);
  await keepReceipts(remote, options);
  try {
    if (options.stdio) {
      const carried = await carryStdio(remote.session, name);
      remote.session.close();
      if (!carried.allowed) return carried;
    } else {
      const door = await openLocalPort(remote.session, name, options.port ?? 0);
      if (options.json) process.stdout.write(`${JSON.stringify({ ready: true, ...facts(remote), port: door.port })}\n`);
      else tell(`127.0.0.1:${door.port} is the ${name} of the machine; Ctrl-C ends the session`);
      await remote.session.closed;
      door.close();
    }
    return await over(remote, options);
  } finally {
    for (const reminder of reminders) clearTimeout(reminder);
  }
}

const facts = ({ id, endsAt, approvedBy }: RemoteSession) => ({ session: id, endsAt, approvedBy });

/** Why it is over. An end that this person did not choose is exit code 1. */
async function over(remote: RemoteSession, options: ConnectOptions): Promise<Decision<Shown>> {
  const { code } = await remote.session.closed;
  const { stdio } = options;
  const receipts = await keepReceipts(remote, options);
  if (code !== 'ended_by_subject') process.exitCode = 1;
  const advice = code === 'ended_by_subject' ? '' : ` ${endingOf(code)?.whatToDo ?? ''}`;
  const words = `the session is over: ${titleOf(code)} (${code}).${advice}`.trimEnd();
  // Standard output may still be read by an SSH client.
  if (stdio) tell(words);
  return allow({
    json: { ...facts(remote), ended: code, chosen: code === 'ended_by_subject', receipts },
    lines: stdio ? [] : [words],
  });
}

/** What both ends signed about the session is this person's own proof of it: kept at the opening already, so that a crash leaves it. */
async function keepReceipts(remote: RemoteSession, { home }: ConnectOptions): Promise<string> {
  const folder = join(personFolder(home), 'receipts');
  makePrivateFolder(folder);
  const file = join(folder, `${remote.id}.json`);
  writeDurably(file, `${JSON.stringify(await remote.receipts(), null, 2)}\n`);
  return file;
}

const MINUTE = 60_000;

function remind(endsAt: Instant): readonly NodeJS.Timeout[] {
  return [10, 5, 1].flatMap((minutes) => {
    const wait = endsAt - minutes * MINUTE - Date.now();
    // Longer than a timer can count is longer than anybody needs to be reminded of.
    if (wait <= 0 || wait > 2_147_483_647) return [];
    return [setTimeout(() => tell(`the window ends in ${spanWords(minutes * MINUTE)}`), wait)];
  });
}
