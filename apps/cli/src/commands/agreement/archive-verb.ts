import { writeDurably } from '@interlock/company-side';
import {
  agreementList,
  auditAnswer,
  count,
  signedAct,
  signedAgreement,
  signedAnnex,
  standing,
} from '@interlock/contracts';
import { type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import {
  type Bundle,
  bundleBytes,
  emptyBundle,
  formatTlogProof,
  formatVkey,
  type KeyRing,
  logReader,
  trust,
  verifyAct,
  verifyAgreement,
  verifyAnnex,
  verifyBundle,
} from '@interlock/proof';
import type { Command } from 'commander';
import { z } from 'zod';
import { logKeyOf } from '../audit/read-log.js';
import { type CompanyBroker, companyBroker, publishedBy } from '../company-broker.js';
import { type JsonOption, perform, type Shown, waitingFor, withJson } from '../perform.js';
import { agreementId } from '../read-arguments.js';

type SignedAgreement = z.infer<typeof signedAgreement>;

/** `interlock agreement archive`: what was executed, in one file that needs nobody any more. */
export function archiveVerb(agreement: Command): void {
  withJson(agreement.command('archive'))
    .argument('<folder>', 'the folder of your company')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .option('--out <file>', 'where the archive is written', 'archive.json')
    .description('everything signed and every cosigned record of an agreement, in one file for "interlock verify"')
    .action((dir: string, id: AgreementId, options: JsonOption & { out: string }) =>
      perform(options, () => archive(companyBroker(dir), id, options.out)),
    );
}

async function archive(company: CompanyBroker, id: AgreementId, out: string): Promise<Decision<Shown>> {
  const signed = await waitingFor('asking for what was signed', everythingSigned(company, id));
  if (!signed.allowed) return signed;
  const { ring, content, left } = signed.value;
  const told = await waitingFor('asking for the log', everythingLogged(company, content.agreement, ring));
  if (!told.allowed) return told;
  const bytes = bundleBytes({ ...emptyBundle, ...content, ...told.value });
  // What is kept for ten years is verified today, by the very function that will verify it then.
  const proven = await waitingFor('verifying it', verifyBundle(bytes, company.pins));
  if (!proven.allowed) return proven;
  writeDurably(out, bytes, 0o644);
  const [versions, records] = [1 + (content.earlier?.length ?? 0), told.value.evidence.length];
  const counts = { versions, acts: content.acts.length, annexes: content.annexes?.length ?? 0, records };
  return allow({
    json: { file: out, digest: proven.value.digest, ...counts, leftOut: left },
    lines: [
      `${versions} versions, ${counts.acts} acts, ${counts.annexes} annexes and ${records} records in ${out}`,
      ...(left > 0 ? [`${left} documents of the broker do not verify and are left out`] : []),
      `verified: ${proven.value.digest}; anybody verifies it with "interlock verify ${out} --roots ..."`,
    ],
  });
}

type Content = Pick<Bundle, 'entities' | 'certificates' | 'acts' | 'earlier' | 'annexes'> & {
  agreement: SignedAgreement;
};

/** The versions that all have signed, acts and annexes that verify, and the keys of the parties. The rest is counted. */
async function everythingSigned(
  company: CompanyBroker,
  id: AgreementId,
): Promise<Decision<{ content: Content; ring: KeyRing; left: number }>> {
  const [read, listed] = [
    await company.broker.get(`/v1/agreements/${id}/standing`, standing),
    await company.broker.get('/v1/agreements', agreementList),
  ];
  if (!read.allowed) return read;
  if (!listed.allowed) return listed;
  const { agreement } = read.value;
  if (agreement.document.id !== id) return refuse('malformed', { clause: 'agreement' });
  const keys = await everyKey(company, read.value);
  if (!keys.allowed) return keys;
  const { entities, certificates } = keys.value;
  const ring = await trust(entities, certificates, company.pins, company.now());
  if (!ring.allowed) return ring;
  const before = listed.value.agreements
    .map((one) => one.agreement)
    .filter(({ document }) => document.id === id && document.version < agreement.document.version)
    .sort((a, b) => a.document.version - b.document.version);
  const now = company.now();
  const earlier = await holds(before, (one) =>
    verifyAgreement(one, ring.value, company.pins, Math.min(now, one.document.endsAt - 1)),
  );
  const acts = await holds<z.infer<typeof signedAct>>(read.value.acts, (one) =>
    verifyAct(one, ring.value, agreement.document, now),
  );
  const annexes = await holds<z.infer<typeof signedAnnex>>(read.value.annexes, (one) =>
    verifyAnnex(one, ring.value, agreement.document, now),
  );
  const left = read.value.acts.length - acts.length + read.value.annexes.length - annexes.length;
  const history = {
    ...(earlier.length > 0 && { earlier: [...earlier] }),
    ...(annexes.length > 0 && { annexes: [...annexes] }),
  };
  return allow({ content: { entities, certificates, agreement, acts: [...acts], ...history }, ring: ring.value, left });
}

/** What the standing shows and what each party publishes: keys of the past are among the latter. */
async function everyKey(
  company: CompanyBroker,
  { entities, certificates, agreement }: z.infer<typeof standing>,
): Promise<Decision<Pick<Bundle, 'entities' | 'certificates'>>> {
  const keys = { entities: [...entities], certificates: [...certificates] };
  for (const { organisation } of agreement.document.parties) {
    const published = await publishedBy(company, organisation);
    if (!published.allowed) return published;
    keys.entities.push(...published.value.entities);
    keys.certificates.push(...published.value.certificates);
  }
  return allow({ entities: once(keys.entities), certificates: once(keys.certificates) });
}

/** Those of which this says yes. */
async function holds<T>(all: readonly T[], one: (document: T) => Promise<Decision<unknown>>): Promise<readonly T[]> {
  const found = await Promise.all(all.map(async (document) => ((await one(document)).allowed ? [document] : [])));
  return found.flat();
}

/** Each document once: two that are the same support nothing twice. */
const once = <T>(documents: readonly T[]): T[] => [
  ...new Map(documents.map((document) => [JSON.stringify(document), document])).values(),
];

const checkpoint = z.looseObject({ treeSize: count });

/** Every record that is cosigned as the agreement asks, with what proves it. */
async function everythingLogged(
  company: CompanyBroker,
  { document }: SignedAgreement,
  ring: KeyRing,
): Promise<Decision<Pick<Bundle, 'logKey' | 'evidence'>>> {
  const key = logKeyOf(company, document.id);
  const { cosigners } = logReader(document, ring, key);
  const target = `/v1/audit/checkpoint?log=${document.id}&which=cosigned&cosigners=${cosigners}`;
  const tree = await company.broker.get(target, checkpoint);
  if (!tree.allowed) return tree;
  const { treeSize } = tree.value;
  if (treeSize > MOST_RECORDS)
    return refuse('too_large', { clause: `${treeSize} records; take the log with "interlock audit copy"` });
  const evidence: Bundle['evidence'] = [];
  let after = -1;
  while (treeSize > 0) {
    const asked = {
      log: document.id,
      limit: '1000',
      treeSize: String(treeSize),
      ...(after >= 0 && { after: String(after) }),
    };
    const read = await company.broker.get(`/v1/audit/events?${new URLSearchParams(asked).toString()}`, auditAnswer);
    if (!read.allowed) return read;
    const { rows, checkpoint: note, next } = read.value;
    for (const { index, record, proof } of rows) {
      const path = proof.map((hash) => Buffer.from(hash, 'base64'));
      evidence.push({ record, proof: formatTlogProof({ index, path, checkpoint: note }) });
    }
    if (next === null) break;
    // A cursor that does not move forward would be asked for ever.
    if (next <= after) return refuse('evidence_rejected', { clause: 'next' });
    after = next;
  }
  // An archive with a hole in it is none.
  if (evidence.length !== treeSize) return refuse('answer_incomplete', { clause: `${evidence.length} of ${treeSize}` });
  return allow({ evidence, logKey: evidence.length > 0 ? formatVkey(key) : null });
}

/** As many as one bundle holds. */
const MOST_RECORDS = 10_000;
