import { readFileSync } from 'node:fs';
import { askScanner, webhookKey } from '@interlock/company-side';
import { type AgreementId, allow, type LocalId } from '@interlock/domain';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { privateLine } from '../passphrase.js';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { agreementId, gather, type HostPort, hostPort, localId, port, webAddress } from '../read-arguments.js';
import { type DataDelivery, deliverData } from './deliver-data.js';

interface Flags extends JsonOption {
  readonly company: string;
  readonly agreement: AgreementId;
  readonly from: readonly (HostPort & { readonly region: LocalId })[];
  readonly store: string;
  readonly http?: number;
  readonly webhook?: string;
  readonly secret?: string;
  readonly ca?: string;
  readonly objects?: string;
  readonly files?: string;
  readonly scanner?: string;
  readonly format: 'ndjson' | 'parquet';
  readonly every: number;
  readonly once?: boolean;
}

/** `interlock data deliver`: receives, keeps as long as was agreed, and hands on. */
export function deliverVerb(data: Command): void {
  withJson(data.command('deliver'))
    .description('receive what is sealed to your company, keep it as long as was agreed, and hand it to your pipelines')
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--agreement <id>', 'under which agreement', agreementId)
    .requiredOption('--from <region=host:port>', 'a region and its endpoint; may be given again', gather(place))
    .requiredOption('--store <folder>', 'where it is kept; this process alone uses the folder')
    .option('--http <port>', 'answer programs on this machine: pages of NDJSON, long polls, a position for each', port)
    .option('--webhook <url>', 'push it there, signed, one message after the other', webAddress)
    .option('--secret <file>', 'the secret of the webhook: whsec_ and 24 to 64 bytes in base64')
    .option('--ca <file>', 'certificates (PEM) of who may stand at the end of the webhook')
    .option('--objects <folder>', 'write it as objects, each with a manifest')
    .addOption(new Option('--format <format>', 'of the objects').choices(['ndjson', 'parquet']).default('ndjson'))
    .option('--files <dir>', 'where files come in that the agreement lets in: each waits there for two persons')
    .option('--scanner <socket>', 'the unix socket of the scanner that looks at files; needed with --files')
    .option('--every <seconds>', 'how often an object is written', everySeconds, 60)
    .option('--once', 'end when everything that waited is kept')
    .action((flags: Flags) => perform(flags, () => deliver(flags)));
}

async function deliver(flags: Flags) {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort());
  const { company, agreement, from, store, http, objects, format, every, once = false, files, scanner } = flags;
  if (files !== undefined && scanner === undefined) throw new WrongUsage('files are looked at; give --scanner SOCKET');
  const webhook = webhookOf(flags);
  const delivered = await deliverData({
    ...{ company, agreement, from, store, once, stop: abort.signal },
    ...(http !== undefined && { http }),
    ...(webhook && { webhook }),
    ...(files !== undefined && scanner !== undefined && { files: { dir: files, scanner: askScanner(scanner) } }),
    ...(objects !== undefined && { objects: { dir: objects, format, everySeconds: every } }),
  });
  if (!delivered.allowed) return delivered;
  if (delivered.value.refused > 0) process.exitCode = 1;
  const { batches, observations, erased } = delivered.value;
  const words = `${batches} batch(es) of ${observations} observation(s) kept in ${store}; ${erased} erased whose retention was over`;
  return allow({ json: { ...delivered.value }, lines: [words] });
}

function webhookOf({ webhook, secret, ca }: Flags): DataDelivery['webhook'] {
  if (webhook === undefined) return undefined;
  if (secret === undefined) throw new WrongUsage('a webhook is signed; give --secret FILE');
  return { to: new URL(webhook), key: webhookKey(privateLine(secret)), tls: ca === undefined ? {} : { ca: pem(ca) } };
}

function pem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WrongUsage(`${file} cannot be read; check the path`, { cause });
  }
}

function place(text: string): HostPort & { readonly region: LocalId } {
  const [name = '', address = '', ...rest] = text.split('=');
  if (rest.length > 0) throw new InvalidArgumentError(`"${text}" is not region=host:port`);
  return { region: localId(name), ...hostPort(address) };
}

function everySeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('give whole seconds, from 1 to a day');
}
