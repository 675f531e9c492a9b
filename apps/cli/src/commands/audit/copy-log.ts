import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { disclosures, signedAgreement, signedCertificate, signedEntity } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import {
  entriesOf,
  filesOfLog,
  formatVkey,
  logReader,
  newestSignature,
  type Pins,
  parseCheckpoint,
  parseVkey,
  type ReadCheckpoint,
  type SeeRecord,
  trust,
  verifyAgreement,
  verifyWholeLog,
} from '@interlock/proof';
import { z } from 'zod';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import type { HistorySource } from '../company-broker.js';
import { logKeyOf } from './read-log.js';

/** What stands beside the files of the log, so that the copy can be verified by the roots alone. */
const parties = z.strictObject({
  typ: z.literal('interlock-log-copy'),
  v: z.literal(1),
  logKey: z.string().max(400),
  entities: z.array(signedEntity).min(1).max(16),
  certificates: z.array(signedCertificate).max(1_000),
  agreement: signedAgreement,
});
const PARTIES = 'parties.json';

/** A whole log that verified, with how many records it has and who cosigned it. */
export interface CopiedLog extends ReadCheckpoint {
  readonly log: AgreementId;
}

/**
 * Copies one log as C2SP tlog-tiles files, with the documents that say whose cosignatures it needs. What is there already and never
 * changes is not fetched again. What opens records is fetched each time: what was erased meanwhile is erased in the copy too. The copy is whole
 * or, where a file is missing, does not verify.
 */
export async function copyLog(company: HistorySource, log: AgreementId, out: string): Promise<Decision<number>> {
  const agreed = await verifiedAgreement(company, log);
  if (!agreed.allowed) return agreed;
  const { agreement, ring, documents } = agreed.value;
  const key = logKeyOf(company, log);
  const { cosigners } = logReader(agreement, ring, key);
  const target = `/v1/audit/checkpoint?log=${log}&which=cosigned&cosigners=${cosigners}`;
  const read = await company.broker.get(target, z.looseObject({ checkpoint: z.string().max(10_000) }));
  if (!read.allowed) return read;
  const parsed = parseCheckpoint(read.value.checkpoint);
  if (!parsed.allowed) return refuse('not_cosigned', { clause: 'checkpoint' });
  const { size } = parsed.value.checkpoint;
  for (const { path, entries } of filesOfLog(size)) {
    const wanted = [...(existsSync(join(out, path)) ? [] : [path]), ...(entries ? [disclosuresBeside(path)] : [])];
    for (const one of wanted) {
      const file = await company.file(`/v1/logs/${log}/${one}`);
      if (!file.allowed) return file;
      keep(out, one, file.value);
    }
  }
  keep(out, PARTIES, JSON.stringify({ typ: 'interlock-log-copy', v: 1, logKey: formatVkey(key), ...documents }));
  keep(out, 'checkpoint', read.value.checkpoint);
  return allow(size);
}

/** What opens the entries of a bundle lies beside the log, under the same number. */
const disclosuresBeside = (entries: string): string => entries.replace('tile/entries/', 'tile/disclosures/');

function keep(out: string, path: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), bytes);
}

/** Verifies a copy against the roots of the companies alone: no network, no broker, no clock. */
export async function verifyCopy(dir: string, pins: Pins, see?: SeeRecord): Promise<Decision<CopiedLog>> {
  const shape = parties.safeParse(jsonOf(join(dir, PARTIES)));
  const log = shape.success ? parseVkey(shape.data.logKey) : undefined;
  if (!shape.success || !log?.allowed) return refuse('malformed', { clause: PARTIES });
  const { entities, certificates, agreement } = shape.data;
  const at = newestSignature(shape.data);
  const ring = await trust(entities, certificates, pins, at);
  if (!ring.allowed) return ring;
  const { effectiveFrom, endsAt } = agreement.document;
  // A version may be signed before its first day, and a copy may be read after its last one: its log is verified all the same.
  const inEffect = Math.min(Math.max(at, effectiveFrom), endsAt - 1);
  const agreed = await verifyAgreement(agreement, ring.value, pins, inEffect);
  if (!agreed.allowed) return agreed;
  const { id } = agreed.value.document;
  const note = readFileSync(join(dir, 'checkpoint'), 'utf8');
  const parsed = parseCheckpoint(note);
  if (!parsed.allowed) return parsed;
  const reader = logReader(agreed.value.document, ring.value, log.value);
  const { size } = parsed.value.checkpoint;
  const verified = await verifyWholeLog(note, id, reader, entriesIn(dir, size), see, openedIn(dir, size));
  return verified.allowed ? allow({ log: id, ...verified.value }) : verified;
}

function* entriesIn(dir: string, size: number): Generator<Uint8Array> {
  for (const { path, entries } of filesOfLog(size)) {
    if (!entries || !existsSync(join(dir, path))) continue;
    // A file that ends inside an entry has none: then a row is missing, and which one is said.
    yield* entriesOf(readFileSync(join(dir, path))) ?? [];
  }
}

/** What opens the record at a place, read bundle by bundle as the log is read. None where the copy has none: then the record stays closed. */
function openedIn(dir: string, size: number): (index: number) => readonly string[] {
  const bundles = [...filesOfLog(size)].flatMap(({ path, entries }) => (entries ? [disclosuresBeside(path)] : []));
  let read: { readonly bundle: number; readonly lines: readonly string[] } | undefined;
  return (index) => {
    const bundle = Math.floor(index / BUNDLE);
    const file = join(dir, bundles[bundle] ?? '');
    if (read?.bundle !== bundle)
      read = { bundle, lines: existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [] };
    const line = read.lines[index % BUNDLE];
    return line === undefined || line === 'null' ? [] : (disclosures.safeParse(jsonIn(line)).data ?? [line]);
  };
}
const BUNDLE = 256;

function jsonOf(file: string): unknown {
  return existsSync(file) ? jsonIn(readFileSync(file, 'utf8')) : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
