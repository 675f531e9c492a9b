import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOfFile,
  erasedIn,
  keepingJournal,
  NDJSON,
  openKeptBatches,
  openObjects,
  PARQUET,
} from '@interlock/client';
import { lockFolder, makePrivateFolder, signErasure, writeDurably } from '@interlock/company-side';
import { digest, organisationId, signedErasureProof } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type ErasureProof } from '@interlock/domain';
import { digestOfBatches, verifyErasureProof } from '@interlock/proof';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { agreementId, readJsonFile } from '../read-arguments.js';
import { eraseDue } from './keep-data.js';

interface OfStore extends JsonOption {
  readonly company: string;
  readonly agreement: AgreementId;
}

const ofStore = (command: Command): Command =>
  withJson(command)
    .argument('<store>', 'the folder that "interlock data deliver --store" keeps')
    .requiredOption('--company <dir>', 'the folder of your company')
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
    .requiredOption('--out <dir>', 'an empty folder for the package')
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
    .option('--objects <dir>', 'where it was written as objects')
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
    const now = Date.now();
    const erased = await eraseDue({ kept, journal, objects: handed }, agreed.value, company.organisation, now);
    const { hold } = journal;
    if (sign !== undefined) {
      const batches = erasedIn(journal.lines());
      const document: ErasureProof = {
        ...{ typ: 'erasure-proof', v: 1, organisation: company.organisation, agreementId: agreement },
        ...{ erased: batches.length, batches: digestOfBatches(batches), kept: kept.count },
        ...{ held: hold ?? null, issuedAt: now },
      };
      const proof = await signErasure(dir, document, now);
      if (!proof.allowed) return proof;
      writeDurably(sign, `${JSON.stringify({ proof: proof.value, batches })}\n`, 0o644);
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

const brought = z.strictObject({ proof: signedErasureProof, batches: z.array(digest).max(2_000_000) });

/** `interlock data erased`: what the other side signed that it erased. */
export function erasedVerb(data: Command): void {
  withJson(data.command('erased'))
    .argument('<file>', 'what "interlock data erase --sign" wrote at the other side')
    .description('verify what the other side signed that it erased')
    .requiredOption('--company <dir>', 'the folder of your company')
    .requiredOption('--agreement <id>', 'under which agreement', agreementId)
    .action((file: string, options: OfStore) => perform(options, () => erasedBy(file, options)));
}

/** Verifies what the other side signed that it erased. */
export async function erasedBy(file: string, { company: dir, agreement }: OfStore): Promise<Decision<Shown>> {
  const read = brought.safeParse(readJsonFile(file));
  if (!read.success) throw new WrongUsage(`${file} does not hold an erasure proof`);
  const company = companyBroker(dir);
  const agreed = await waitingFor('reading the agreement', verifiedAgreement(company, agreement));
  if (!agreed.allowed) return agreed;
  const { ring, agreement: document } = agreed.value;
  const { proof, batches } = read.data;
  const verified = await verifyErasureProof(proof, batches, ring, document, company.now());
  if (!verified.allowed) return verified;
  const said = verified.value;
  const line = `${said.organisation} signed at ${new Date(said.issuedAt).toISOString()} that ${said.erased} batch(es) are erased and ${said.kept} kept${said.held ? `, held: ${said.held.reason}` : ''}`;
  return allow({ json: { ...said }, lines: [line] });
}
