import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DataHold,
  digestOfFile,
  erasedIn,
  keepingJournal,
  keptTime,
  NDJSON,
  openKeptBatches,
  openObjects,
  PARQUET,
} from '@interlock/client';
import { lockFolder, makePrivateFolder, signErasure, writeDurably } from '@interlock/company-side';
import { digest, organisationId, signedErasureProof } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type ErasureProof,
  type Instant,
  type OrganisationId,
} from '@interlock/domain';
import { digestOf, digestOfBatches, verifyErasureProof } from '@interlock/proof';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import { readPages } from '../audit/read-log.js';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { agreementId, readJsonFile } from '../read-arguments.js';
import { eraseDue } from './keep-data.js';
import { type ReceiversLog, receiversLog } from './say-received.js';

interface OfStore extends JsonOption {
  readonly company: string;
  readonly agreement: AgreementId;
}

const ofStore = (command: Command): Command =>
  withJson(command)
    .argument('<store>', 'the folder that "interlock data deliver --store" keeps')
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--agreement <id>', 'under which agreement it was received', agreementId);

const heldBy = z.strictObject({ log: z.string(), heldBy: z.array(organisationId) });

/** `interlock data hold`: nothing that was received is erased, because somebody has to keep it for a dispute. */
export function holdVerb(data: Command): void {
  ofStore(data.command('hold'))
    .description('erase nothing of what was received until the hold is lifted; both companies see it in the log')
    .requiredOption('--reason <text>', 'why; it stands in every erasure proof of the time')
    .option('--lift', 'lift it: what is over goes with the next look')
    .action((store: string, options: OfStore & { reason: string; lift?: boolean }) =>
      perform(options, () => holdData(store, options)),
    );
}

/** Sets or lifts the hold of a store, and records it in the log of the agreement. */
export async function holdData(
  store: string,
  { company, agreement, reason, lift = false }: OfStore & { reason: string; lift?: boolean },
): Promise<Decision<Shown>> {
  const journal = keepingJournal(store);
  const now = Date.now();
  // Held first and recorded next: what has to be kept waits for nobody. A lift is recorded first.
  if (!lift) journal.set({ reason, since: now });
  const { broker } = companyBroker(company);
  const recorded = await waitingFor(
    'recording it in the log of the agreement',
    broker.put(`/v1/audit/holds/${agreement}`, { held: !lift }, heldBy),
  );
  if (!recorded.allowed) return recorded;
  if (lift) journal.lift(now, reason);
  return allow({
    json: { held: !lift, heldBy: recorded.value.heldBy },
    lines: [lift ? 'lifted: what is over goes with the next look' : 'held: nothing here is erased until it is lifted'],
  });
}

/** What is in a package, and that it is whole. */
export interface DataPackage {
  readonly typ: 'interlock-data-package';
  readonly v: 1;
  readonly agreement: AgreementId;
  readonly objects: number;
  readonly files: readonly { readonly name: string; readonly digest: string }[];
}

/** `interlock data export`: everything that is kept, with what proves where it is from, to be taken away before it is erased. */
export function exportVerb(data: Command): void {
  ofStore(data.command('export'))
    .description('write all that is kept as files with manifests, and the agreement that it came under')
    .requiredOption('--out <folder>', 'an empty folder for the package')
    .addOption(new Option('--format <format>', 'of the files').choices(['ndjson', 'parquet']).default('ndjson'))
    .action((store: string, options: OfStore & { out: string; format: 'ndjson' | 'parquet' }) =>
      perform(options, () => exportAll(store, options)),
    );
}

/** Writes everything that is kept into an empty folder. */
export async function exportAll(
  store: string,
  { company, agreement, out, format }: OfStore & { out: string; format: 'ndjson' | 'parquet' },
): Promise<Decision<Shown>> {
  if (existsSync(out) && readdirSync(out).length > 0) throw new WrongUsage(`${out} is not empty`);
  const agreed = await waitingFor('reading the agreement', verifiedAgreement(companyBroker(company), agreement));
  if (!agreed.allowed) return agreed;
  makePrivateFolder(out);
  const objects = writeAll(store, join(out, 'data'), format);
  writeDurably(join(out, 'agreement.json'), JSON.stringify(agreed.value.documents));
  writeDurably(
    join(out, 'keeping.ndjson'),
    keepingJournal(store)
      .lines()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const names = ['agreement.json', 'keeping.ndjson', ...readdirSync(join(out, 'data')).map((name) => `data/${name}`)];
  const files = names.sort().map((name) => ({ name, digest: digestOfFile(readFileSync(join(out, name))) }));
  const manifest: DataPackage = { typ: 'interlock-data-package', v: 1, agreement, objects, files };
  // Written last: a package without it is not whole.
  writeDurably(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return allow({
    json: { out, objects, files: files.length },
    lines: [`${objects} object(s) in ${out}, each with a manifest`],
  });
}

/** One process at a time works in a store. */
function writeAll(store: string, out: string, format: 'ndjson' | 'parquet'): number {
  const lock = lockFolder(join(store, 'lock'));
  try {
    const kept = openKeptBatches(join(store, 'batches'));
    return openObjects(out, kept, format === 'parquet' ? PARQUET : NDJSON).write();
  } finally {
    lock.release();
  }
}

/** `interlock data erase`: the rule applied now, and what went signed for the other side. */
export function eraseVerb(data: Command): void {
  ofStore(data.command('erase'))
    .description('erase now what may be kept no longer, and sign for the other side what is gone')
    .option('--objects <folder>', 'where it was written as objects')
    .option('--sign <file>', 'sign, with the offline key of your company, what was erased so far')
    .action((store: string, options: OfStore & { objects?: string; sign?: string }) =>
      perform(options, () => eraseData(store, options)),
    );
}

/** Applies the rule now, and signs what went. */
export async function eraseData(
  store: string,
  { company: dir, agreement, objects, sign }: OfStore & { objects?: string; sign?: string },
): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const agreed = await waitingFor('reading the agreement', verifiedAgreement(company, agreement));
  if (!agreed.allowed) return agreed;
  const lock = lockFolder(join(store, 'lock'));
  try {
    const [kept, journal] = [openKeptBatches(join(store, 'batches')), keepingJournal(store)];
    const handed = objects === undefined ? undefined : openObjects(objects, kept, NDJSON);
    const now = keptTime(store, Date.now, () => performance.now()).now() ?? Date.now();
    const log = receiversLog(company, agreement);
    const others = await waitingFor('asking who holds the log', log.heldBy());
    if (!others.allowed) return others;
    const data = { kept, journal, objects: handed };
    const gone = await eraseDue(data, agreed.value, company.organisation, now, others.value);
    const erased = gone.length;
    const hold = journal.hold ?? heldElsewhere(others.value, now);
    if (sign !== undefined) {
      const of = { dir, organisation: company.organisation, agreement, log, sign };
      const signed = await signErased(of, erasedIn(journal.lines()), { kept: kept.count, held: hold ?? null }, now);
      if (!signed.allowed) return signed;
    }
    const why = hold
      ? `held since ${new Date(hold.since).toISOString()}: ${hold.reason}`
      : `${erased} batch(es) erased now`;
    const json = { erased, kept: kept.count, held: hold ?? null, ...(sign !== undefined && { signed: sign }) };
    return allow({ json, lines: [`${why}; ${kept.count} kept`, ...(sign === undefined ? [] : [`signed in ${sign}`])] });
  } finally {
    lock.release();
  }
}

interface SignedFor {
  readonly dir: string;
  readonly organisation: OrganisationId;
  readonly agreement: AgreementId;
  readonly log: ReceiversLog;
  readonly sign: string;
}

/** Signs what went into a file for the other side, and records in the log of both that it was signed. */
async function signErased(
  { dir, organisation, agreement, log, sign }: SignedFor,
  batches: readonly Digest[],
  left: Pick<ErasureProof, 'kept' | 'held'>,
  now: Instant,
): Promise<Decision<unknown>> {
  const document: ErasureProof = {
    ...{ typ: 'erasure-proof', v: 1, organisation, agreementId: agreement },
    ...{ erased: batches.length, batches: digestOfBatches(batches), ...left, issuedAt: now },
  };
  const proof = await signErasure(dir, document, now);
  if (!proof.allowed) return proof;
  writeDurably(sign, `${JSON.stringify({ proof: proof.value, batches })}\n`, 0o644);
  const documents = [digestOf(document), document.batches];
  return waitingFor('recording it in the log', log.say('data.erased', documents, batches.length));
}

/** A hold that another company set on the log: since when is in the log, so it is said as of now. */
const heldElsewhere = (by: readonly OrganisationId[], now: Instant): DataHold | undefined =>
  by.length === 0 ? undefined : { reason: `the log is held by ${by.join(' and ')}`, since: now };

const brought = z.strictObject({ proof: signedErasureProof, batches: z.array(digest).max(2_000_000) });

/** `interlock data erased`: what the other side signed that it erased. */
export function erasedVerb(data: Command): void {
  withJson(data.command('erased'))
    .argument('<file>', 'what "interlock data erase --sign" wrote at the other side')
    .description('verify what the other side signed that it erased')
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--agreement <id>', 'under which agreement', agreementId)
    .action((file: string, options: OfStore) => perform(options, () => erasedBy(file, options)));
}

/** Verifies what the other side signed that it erased. */
export async function erasedBy(file: string, { company: dir, agreement }: OfStore): Promise<Decision<Shown>> {
  const shown = brought.safeParse(readJsonFile(file));
  if (!shown.success) throw new WrongUsage(`${file} does not hold an erasure proof`);
  const company = companyBroker(dir);
  const agreed = await waitingFor('reading the agreement', verifiedAgreement(company, agreement));
  if (!agreed.allowed) return agreed;
  const { ring, agreement: document } = agreed.value;
  const { proof, batches } = shown.data;
  const verified = await verifyErasureProof(proof, batches, ring, document, company.now());
  if (!verified.allowed) return verified;
  const said = verified.value;
  let inLog = false;
  const read = await waitingFor(
    'looking for it in the log',
    readPages(company, agreement, { kind: 'data.erased' }, async (page) => {
      inLog ||= page.some(
        ({ record }) => record.organisation === said.organisation && record.documents.includes(digestOf(said)),
      );
    }),
  );
  if (!read.allowed) return read;
  const line = `${said.organisation} signed at ${new Date(said.issuedAt).toISOString()} that ${said.erased} batch(es) are erased and ${said.kept} kept${said.held ? `, held: ${said.held.reason}` : ''}; ${inLog ? 'the log has it' : 'the log does not have it'}`;
  return allow({ json: { ...said, inLog }, lines: [line] });
}
