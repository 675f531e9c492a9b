import { join } from 'node:path';
import {
  askScanner,
  layout,
  lockFolder,
  openPersonKey,
  readCertificates,
  readSettings,
  writeDurably,
} from '@interlock/company-side';
import { allow, type Decision, type LocalId } from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import type { Command } from 'commander';
import { z } from 'zod';
import {
  type BroughtRelease,
  broughtRelease,
  type HeldFinding,
  handRelease,
  heldAt,
  heldFinding,
  type LocalPort,
} from '../gateway/local-hand.js';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { localId, port, readJsonFile, span } from '../read-arguments.js';
import { takeRelease, waitingIn } from './let-in.js';
import { inBox, type OpenBox } from './open-box.js';
import { signRelease } from './sign-release.js';

interface PlaceOptions extends JsonOption {
  readonly port?: number;
  readonly out?: string;
  readonly company?: string;
  readonly scanner?: string;
}

interface ReleaseOptions extends JsonOption {
  readonly company: string;
  readonly person: LocalId;
  readonly reason: string;
  readonly for: number;
  readonly out: string;
  readonly passphraseFile?: string;
}

const ONE_DAY_SECONDS = 86_400;
const COMPANY = ['--company <dir>', 'the folder of your company, where it is a drop box'] as const;
const PORT = ['--port <port>', 'the local port of the gateway, where its folder does not say it', port] as const;

/** `interlock quarantine`: what a scanner held back, and the signatures that let it go on. */
export function quarantineCommands(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description(
      'what a gateway holds back because no scanner found it clean, and files that come in: release by two persons',
    );
  listVerb(quarantine);
  releaseVerb(quarantine);
  handVerb(quarantine);
}

function listVerb(quarantine: Command): void {
  withJson(quarantine.command('list'))
    .argument(
      '<folder>',
      'the folder of the gateway, on the machine where it runs, or a drop box of "interlock data deliver"',
    )
    .description('show what is held back, why, and whose signatures it takes')
    .option('--out <file>', 'write the list, without the bytes, for whoever signs elsewhere')
    .option(...COMPANY)
    .option(...PORT)
    .action((folder: string, options: PlaceOptions) =>
      perform(options, async () => {
        const read = await heldIn(folder, options);
        if (!read.allowed) return read;
        const findings = read.value;
        if (options.out) writeDurably(options.out, `${JSON.stringify(findings, null, 2)}\n`, 0o644);
        const lines = findings.map(lineOf);
        return allow({ json: { findings }, lines: lines.length > 0 ? lines : ['nothing is held back'] });
      }),
    );
}

async function heldIn(folder: string, options: PlaceOptions): Promise<Decision<readonly HeldFinding[]>> {
  const box = await inBox(folder, options.company);
  if (box) return box.allowed ? allow(waitingIn(box.value.box, box.value.agreed, box.value.company.organisation)) : box;
  const read = await waitingFor('asking the gateway', heldAt(placeOf(folder, options)));
  return read.allowed ? allow(read.value.findings) : read;
}

const lineOf = (one: HeldFinding): string =>
  `${one.content}: ${one.reason ?? 'clean'}${one.signature ? ` (${one.signature})` : ''}, ${one.observations} observations of flow ${one.flow}, found ${new Date(one.foundAt).toISOString()}; ` +
  `${one.releases} signed, it takes two persons, of ${[...new Set([one.owner, ...one.recipients])].join(' and of ')}`;

function releaseVerb(quarantine: Command): void {
  withJson(quarantine.command('release'))
    .argument('<file>', 'the list, as "interlock quarantine list --out" wrote it')
    .argument('<content>', 'the digest of what goes on')
    .description('sign, as one of two persons, that exactly these bytes go on although they were not found clean')
    .requiredOption('--company <folder>', 'the folder of your company, with the keys of its people')
    .requiredOption('--person <id>', 'who signs; the key needs the purpose "approve"', localId)
    .requiredOption('--reason <text>', 'why; it is part of what is signed')
    .option('--for <span>', 'how long it may wait for the others, at most 7d', span, ONE_DAY_SECONDS)
    .option('--out <file>', 'where it is written, for "interlock quarantine hand"', 'release.json')
    .option(...PASSPHRASE_FILE)
    .action((file: string, content: string, options: ReleaseOptions) =>
      perform(options, () => release(file, content, options)),
    );
}

async function release(file: string, content: string, options: ReleaseOptions): Promise<Decision<Shown>> {
  const list = z.array(heldFinding).safeParse(readJsonFile(file));
  const finding = list.data?.find((one) => one.content === content);
  if (!finding) throw new WrongUsage(`${file} lists nothing with the digest ${content}`);
  const { organisation } = readSettings(options.company);
  const passphrase = await knownPassphrase(options.passphraseFile);
  const key = openPersonKey(layout(options.company).person(options.person), organisation, passphrase);
  if (!key.allowed) return key;
  // The broker chooses what it passes on; who stands at the gateway needs nobody.
  const own = readCertificates(options.company).filter(({ document }) => thumbprintOf(document.key) === key.value.kid);
  const words = { reason: options.reason, good: options.for * 1000 };
  writeDurably(options.out, JSON.stringify(await signRelease(finding, key.value, own, words, Date.now())), 0o644);
  return allow({
    json: { file: options.out, content },
    lines: [`signed into ${options.out}; bring it to the gateway: interlock quarantine hand FOLDER ${options.out}`],
  });
}

function handVerb(quarantine: Command): void {
  withJson(quarantine.command('hand'))
    .argument('<folder>', 'the folder of the gateway, on the machine where it runs, or a drop box')
    .argument('<file>', 'a signed release, of your company or of the other')
    .description('bring a signed release to the gateway; with the last one that is needed the bytes go on')
    .option(...COMPANY)
    .option('--scanner <socket>', 'the unix socket of the scanner, which looks again before a file is let in')
    .option(...PORT)
    .action((folder: string, file: string, options: PlaceOptions) =>
      perform(options, async () => {
        const brought = releaseIn(file);
        const box = await inBox(folder, options.company);
        if (!box) return hand(placeOf(folder, options), brought);
        return box.allowed ? letIn(box.value, brought, options.scanner) : box;
      }),
    );
}

async function hand(place: LocalPort, brought: BroughtRelease): Promise<Decision<Shown>> {
  const taken = await waitingFor('asking the gateway', handRelease(place, brought));
  if (!taken.allowed) return taken;
  const { released, missing } = taken.value;
  return allow({
    json: { ...taken.value },
    lines: [released ? 'released: these bytes go on' : `taken; still needed: a person of ${missing.join(' and of ')}`],
  });
}

async function letIn(of: OpenBox, brought: BroughtRelease, scanner: string | undefined): Promise<Decision<Shown>> {
  if (scanner === undefined)
    throw new WrongUsage('the scanner looks again before a file is let in; give --scanner SOCKET');
  const lock = lockFolder(join(of.dir, 'lock'));
  try {
    const taken = await waitingFor('asking the scanner', takeRelease({ ...of, scanner: askScanner(scanner) }, brought));
    if (!taken.allowed) return taken;
    const { path, missing } = taken.value;
    const words = path
      ? `let in; a person takes it from ${path}`
      : `taken; still needed: a person of ${missing.join(' and of ')}`;
    return allow({ json: { ...taken.value }, lines: [words] });
  } finally {
    lock.release();
  }
}

function releaseIn(file: string): BroughtRelease {
  const read = broughtRelease.safeParse(readJsonFile(file));
  if (!read.success) throw new WrongUsage(`${file} does not hold a signed release`);
  return read.data;
}

const placeOf = (folder: string, options: PlaceOptions): LocalPort =>
  options.port === undefined ? { folder } : { folder, port: options.port };
