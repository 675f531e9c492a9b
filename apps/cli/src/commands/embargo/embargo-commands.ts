import { readFileSync } from 'node:fs';
import {
  type Imported,
  ISO_DATE,
  importList,
  LIST_PARSER,
  readCountries,
  readOfac,
  readProgrammes,
  readRuleFile,
} from '@interlock/company-side';
import { allow, type Decision, type EmbargoList, type Provenance } from '@interlock/domain';
import { digestOfBytes } from '@interlock/proof';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { authoriseVerb, reviewVerb } from './rule-and-authorise.js';
import { checkVerb, statusVerb } from './status-and-check.js';

/** `interlock embargo`: the lists a company obeys, kept in its own folder. It supports a compliance officer and gives no legal advice. */
export function embargoCommands(program: Command): void {
  const embargo = program
    .command('embargo')
    .description('the embargo lists this company obeys; it supports a compliance officer and gives no legal advice');
  importVerb(embargo);
  ruleVerb(embargo);
  statusVerb(embargo);
  checkVerb(embargo);
  reviewVerb(embargo);
  authoriseVerb(embargo);
}

interface ImportFlags extends JsonOption {
  readonly list: 'ofac' | 'programmes' | 'countries';
  readonly issuer: string;
  readonly issued: number;
  readonly origin: string;
  readonly file: readonly string[];
  readonly removed?: number;
}

const day = (text: string): number => {
  if (!ISO_DATE.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError(`"${text}" is not a date such as 2026-11-22`);
  return Date.parse(text);
};
const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a number of entries`);
  return Number(text);
};
const REMOVED = [
  '--removed <number>',
  'how many entries the issuer announced to have taken off it, where more go than usual',
] as const;

function importVerb(embargo: Command): void {
  withJson(embargo.command('import'))
    .argument('<folder>', 'the folder of the company')
    .description('take a new edition of a published list; an empty, truncated or suddenly short one is refused')
    .addOption(
      new Option('--list <format>', 'ofac: files entities, addresses, aliases in this order')
        .choices(['ofac', 'programmes', 'countries'])
        .makeOptionMandatory(),
    )
    .requiredOption('--issuer <name>', 'whose list it is, as agreements and rules name it, such as us_ofac')
    .requiredOption('--issued <date>', "the issuer's own date of this edition; the age of a list counts from it", day)
    .requiredOption('--origin <text>', 'where it was fetched')
    .requiredOption('--file <file...>', 'the file or files of this edition')
    .option(...REMOVED, whole)
    .action((dir: string, flags: ImportFlags) =>
      perform(flags, async () => {
        const read = readEdition(flags);
        return read.allowed ? take(dir, read.value, flags.removed) : read;
      }),
    );
}

function readEdition(flags: ImportFlags): Decision<EmbargoList> {
  const files = flags.file.map((file) => readFileSync(file));
  const provenance: Provenance = {
    origin: flags.origin,
    issuedAt: flags.issued,
    fetchedAt: Date.now(),
    parser: LIST_PARSER,
    sources: files.map(digestOfBytes),
  };
  const [first = '', addresses, aliases, ...more] = files.map((file) => file.toString('utf8'));
  if (flags.list !== 'ofac') {
    if (files.length !== 1) throw new WrongUsage(`--file: a list of ${flags.list} is one file`);
    return (flags.list === 'programmes' ? readProgrammes : readCountries)(first, flags.issuer, provenance);
  }
  if (addresses === undefined || aliases === undefined || more.length > 0)
    throw new WrongUsage('--file: give the files of entities, addresses and aliases, in this order');
  return readOfac({ entities: first, addresses, aliases }, flags.issuer, provenance);
}

function ruleVerb(embargo: Command): void {
  withJson(embargo.command('rule'))
    .argument('<folder>', 'the folder of the company')
    .argument('<file>', 'JSON of kind territories, items, policy, register, parties or countries')
    .description('take a new edition of a rule file that the company keeps itself')
    .option(...REMOVED, whole)
    .action((dir: string, file: string, flags: JsonOption & { removed?: number }) =>
      perform(flags, async () => {
        const read = readRuleFile(readFileSync(file, 'utf8'), Date.now());
        return read.allowed ? take(dir, read.value, flags.removed) : read;
      }),
    );
}

async function take(dir: string, list: EmbargoList, removed: number | undefined): Promise<Decision<Shown>> {
  const taken = await waitingFor(
    `taking ${list.kind} of ${list.issuer}`,
    importList(dir, list, Date.now(), removed ?? null),
  );
  return taken.allowed ? allow(shown(list, taken.value)) : taken;
}

const shown = (list: EmbargoList, { added, removed, changed, digest, snapshot }: Imported): Shown => ({
  json: {
    kind: list.kind,
    issuer: list.issuer,
    digest,
    snapshot,
    added: added.length,
    removed: removed.length,
    changed: changed.length,
  },
  lines: [
    `${list.kind} of ${list.issuer}: ${added.length} added, ${removed.length} removed, ${changed.length} changed`,
    `in force from now on as ${digest}; the agent asks it about everything that stands within seconds`,
    ...(list.kind === 'parties' && removed.length > 0
      ? ['who was removed stays under review until somebody rules on it: "interlock embargo review"']
      : []),
  ],
});
