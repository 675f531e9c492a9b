import { existsSync } from 'node:fs';
import { compareAgreements, differenceLines, writeDurably } from '@interlock/company-side';
import {
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  parseAgreementId,
  refuse,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import { ask } from '../ask-person.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import {
  type JsonOption,
  perform,
  refusalWords,
  type Shown,
  tell,
  WrongUsage,
  waitingFor,
  withJson,
} from '../perform.js';
import { agreementId, digest, wholeNumber } from '../read-arguments.js';
import { actVerbs } from './act-verbs.js';
import { archiveVerb } from './archive-verb.js';
import { attestationVerbs } from './attestation-verbs.js';
import { bringInVerb } from './bring-in-verb.js';
import { draftOf, draftVerbs } from './draft-verbs.js';
import { exceptionVerbs } from './exception-verbs.js';
import { addSignature, agreementInFile, proposeAgreement, signOwn } from './hand-over-agreement.js';
import { insolventVerb } from './insolvent-verb.js';
import { newVerb } from './new-verb.js';
import { agreementWords } from './plain-words.js';
import { type ReadAgreement, readAgreements, readOneAgreement } from './read-agreements.js';
import { sheetVerb } from './sheet-verb.js';
import { signalVerbs } from './signal-verbs.js';
import { simulateVerb } from './simulate-verb.js';

/** `interlock agreement`: drafted, signed and ended with the company's offline keys; the broker only keeps what is signed. */
export function agreementCommands(program: Command): void {
  const agreement = program.command('agreement').description('what two companies agree, and both sign');
  newVerb(agreement);
  bringInVerb(agreement);
  draftVerbs(agreement);
  proposeVerb(agreement);
  listVerb(agreement);
  showVerb(agreement);
  signVerb(agreement);
  diffVerb(agreement);
  actVerbs(agreement);
  attestationVerbs(agreement);
  exceptionVerbs(agreement);
  insolventVerb(agreement);
  sheetVerb(agreement);
  archiveVerb(agreement);
  simulateVerb(agreement);
  signalVerbs(agreement);
}

const withFolder = (command: Command): Command =>
  withJson(command).argument('<folder>', 'the folder of your company, with the keys that the verb needs');

function proposeVerb(agreement: Command): void {
  withFolder(agreement.command('propose'))
    .argument(
      '<id-or-file>',
      'a draft that was kept, or a file with one or with a version that you have signed already',
    )
    .option('--digest <digest>', 'of a draft that was kept: propose exactly this one without being asked', digest)
    .description('sign a version with the offline key and propose it to the partner')
    .action((dir: string, what: string, options: JsonOption & Pick<SignOptions, 'digest'>) =>
      perform(options, async () => {
        const company = companyBroker(dir);
        const found = await draftIn(company, what, options);
        if (!found.allowed) return found;
        const given = found.value;
        const signed = given.signatures.length > 0 ? allow(given) : await signOwn(dir, given, company.now());
        if (!signed.allowed) return signed;
        const taken = await waitingFor('handing it to the broker', proposeAgreement(company, signed.value));
        if (!taken.allowed) return taken;
        const { id, version, digest: of, status } = taken.value;
        return allow({
          json: { id, version, digest: of, status },
          lines: [
            `proposed ${id} version ${version}: ${status}`,
            `digest ${of}`,
            'the partner reads it and signs the same digest',
          ],
        });
      }),
    );
}

/** A file is what whoever gives it has written; what the broker kept is a stranger's word until it was read. */
async function draftIn(
  company: CompanyBroker,
  what: string,
  options: Pick<SignOptions, 'digest'>,
): Promise<Decision<ReturnType<typeof agreementInFile>>> {
  const id = parseAgreementId(what);
  if (!id) return allow(agreementInFile(what));
  const kept = await waitingFor('asking the broker', draftOf(company, id));
  if (!kept.allowed) return kept;
  const document = kept.value.agreement;
  const meant = await meantToSign(digestOf(document), agreementWords(document), options);
  return meant.allowed ? allow({ document, signatures: [] }) : meant;
}

function listVerb(agreement: Command): void {
  withFolder(agreement.command('list'))
    .description('every agreement of the company, as the broker shows it and as it verifies here')
    .action((dir: string, options: JsonOption) =>
      perform(options, async () => {
        const read = await waitingFor('asking the broker', readAgreements(companyBroker(dir)));
        if (!read.allowed) return read;
        return allow({
          json: { agreements: read.value.map(foundOut) },
          lines: read.value.length === 0 ? ['there is no agreement yet'] : read.value.map(oneLine),
        });
      }),
    );
}

interface ShowOptions extends JsonOption {
  readonly version?: number;
  readonly out?: string;
  readonly next?: string;
}

/** The version after this one, which says the same until somebody amends it. What somebody amended already is not written over. */
function writeNext(file: string, before: Agreement): void {
  if (existsSync(file)) throw new WrongUsage(`${file} is there already: amend it, or name another file with --next`);
  const next: Agreement = { ...before, version: before.version + 1, previous: digestOf(before) };
  writeDurably(file, `${JSON.stringify(next, null, 2)}\n`, 0o644);
}

const nextLines = (dir: string, id: string, file: string): string[] => [
  `written to ${file}; amend it there, then look at it with "interlock agreement diff ${dir} ${id} ${file}"`,
  `and sign it with "interlock agreement propose ${dir} ${file}"`,
];

function showVerb(agreement: Command): void {
  withFolder(agreement.command('show'))
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .option('--version <number>', 'an older version', wholeNumber)
    .option('--out <file>', 'write the signed version to a file')
    .option('--next <file>', 'write the version that would follow it to a file: amend it there, then "propose" it')
    .description('one version in plain words, whose signatures are on it, and whether it holds')
    .action((dir: string, id: AgreementId, options: ShowOptions) =>
      perform(options, async () => {
        const read = await waitingFor('asking the broker', readOneAgreement(companyBroker(dir), id, options.version));
        if (!read.allowed) return read;
        const { agreement: shown } = read.value;
        if (options.out) writeDurably(options.out, `${JSON.stringify(shown, null, 2)}\n`, 0o644);
        if (options.next) writeNext(options.next, shown.document);
        const next = options.next ? nextLines(dir, id, options.next) : [];
        return allow({
          json: { ...foundOut(read.value), agreement: shown },
          lines: [...agreementWords(shown.document), ...foundLines(read.value), ...next],
        });
      }),
    );
}

interface SignOptions extends JsonOption {
  readonly digest?: Digest;
  readonly out?: string;
}

function signVerb(agreement: Command): void {
  withFolder(agreement.command('sign'))
    .argument('<id-or-file>', 'an agreement that was proposed, or a file with a version')
    .option('--digest <digest>', 'sign exactly this digest without being asked', digest)
    .option('--out <file>', 'write the signed version to a file and send nothing; "propose" hands it over')
    .description('read a proposed version, and sign it with the offline key')
    .action((dir: string, what: string, options: SignOptions) => perform(options, () => sign(dir, what, options)));
}

async function sign(dir: string, what: string, options: SignOptions): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const found = await versionOf(company, what);
  if (!found.allowed) return found;
  const { document, signatures } = found.value;
  const of = digestOf(document);
  const meant = await meantToSign(of, agreementWords(document), options);
  if (!meant.allowed) return meant;
  if (options.out !== undefined) {
    const signed = await signOwn(dir, { document, signatures }, company.now());
    if (!signed.allowed) return signed;
    writeDurably(options.out, `${JSON.stringify(signed.value, null, 2)}\n`, 0o644);
    return allow({ json: { digest: of, file: options.out }, lines: [`signed ${of} into ${options.out}`] });
  }
  const taken = await waitingFor('handing the signature to the broker', addSignature(company, document));
  if (!taken.allowed) return taken;
  const { id, version, status } = taken.value;
  return allow({ json: { id, version, digest: of, status }, lines: [`signed ${id} version ${version}: ${status}`] });
}

/** Nobody signs what he has not read: the digest is given, or typed after the words were shown. */
async function meantToSign(
  of: Digest,
  words: readonly string[],
  { digest: given }: Pick<SignOptions, 'digest'>,
): Promise<Decision<true>> {
  if (given === undefined) {
    for (const line of words) tell(line);
    const typed = await ask('Type the last six characters of the digest to sign it', '--digest DIGEST');
    return typed.length === 6 && of.endsWith(typed) ? allow(true) : refuse('not_what_was_shown');
  }
  return given === of ? allow(true) : refuse('not_what_was_shown', { detail: `the version held has digest ${of}` });
}

const versionOf = async (company: CompanyBroker, what: string) => {
  const id = parseAgreementId(what);
  if (!id) return allow(agreementInFile(what));
  const read = await waitingFor('asking the broker', readOneAgreement(company, id));
  return read.allowed ? allow(read.value.agreement) : read;
};

function diffVerb(agreement: Command): void {
  withFolder(agreement.command('diff'))
    .argument('<before>', 'an agreement id or a file')
    .argument('<after>', 'an agreement id (its newest version) or a file')
    .description('what one version says that the other does not, and whether it gives more or owes less')
    .action((dir: string, before: string, after: string, options: JsonOption) =>
      perform(options, async () => {
        const company = companyBroker(dir);
        const [first, second] = [await versionOf(company, before), await versionOf(company, after)];
        if (!first.allowed) return first;
        if (!second.allowed) return second;
        const differences = compareAgreements(first.value.document, second.value.document);
        const narrower = differences.every(({ effect }) => effect === 'narrower');
        return allow({ json: { differences, narrower }, lines: differenceLines(differences) });
      }),
    );
}

const foundOut = ({ agreement: { document }, digest: of, status, signedBy, verified }: ReadAgreement) => ({
  id: document.id,
  version: document.version,
  digest: of,
  status,
  signedBy,
  verified: verified.allowed,
  ...(!verified.allowed && { refusal: verified.refusal }),
});

const oneLine = (read: ReadAgreement): string => {
  const { document } = read.agreement;
  const parties = document.parties.map((party) => party.organisation).join(' and ');
  return `${document.id} version ${document.version}, ${parties}: ${read.status}; ${foundLines(read).join('; ')}`;
};

const foundLines = ({ status, signedBy, verified }: ReadAgreement): string[] => [
  `signed by ${signedBy.join(' and ') || 'nobody'}`,
  `state at the broker: ${status}`,
  verified.allowed ? 'verified here: holds' : `verified here: ${refusalWords(verified.refusal)}`,
];
