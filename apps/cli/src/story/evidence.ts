import { readBrokerKeys, readCertificates, readEntities } from '@interlock/company-side';
import { auditAnswer, count } from '@interlock/contracts';
import type { EvidenceRecord } from '@interlock/domain';
import {
  type Bundle,
  bundleBytes,
  emptyBundle,
  formatTlogProof,
  formatVkey,
  keyObjectOf,
  logNoteKey,
  rawEd25519,
  verifyBundle,
} from '@interlock/proof';
import { z } from 'zod';
import { companyBroker } from '../commands/company-broker.js';
import type { CompanyPlace } from '../up/start-companies.js';
import type { Trial } from '../up/trial.js';
import { pinsOf } from './pins.js';
import { eventually, must, StepFailed } from './step.js';

type SignedAgreement = NonNullable<Bundle['agreement']>;

/** What both companies publish about themselves, as every bundle carries it. */
export const published = ({ vendor, buyer }: Trial) => ({
  entities: [vendor, buyer].flatMap(({ dir }) => [...readEntities(dir)]),
  certificates: [vendor, buyer].flatMap(({ dir }) => [...readCertificates(dir)]),
});

/** One company's question to the log of an agreement, with what proves each row of the answer. */
export async function question(
  place: CompanyPlace,
  agreement: SignedAgreement,
  filter: Readonly<Record<string, string>>,
): Promise<Pick<Bundle, 'logKey' | 'evidence'>> {
  const { broker } = companyBroker(place.dir);
  const { id } = agreement.document;
  // A busy log has always a newer checkpoint that is not cosigned yet; what is asked for is what both have signed.
  const cosigned = must(
    'the cosigned checkpoint',
    await broker.get(`/v1/audit/checkpoint?log=${id}&which=cosigned`, z.looseObject({ treeSize: count })),
  );
  if (cosigned.treeSize === 0) return { evidence: [], logKey: null };
  const asked = { log: id, limit: '1000', treeSize: String(cosigned.treeSize), ...filter };
  const query = new URLSearchParams(asked).toString();
  const answer = must('the audit query', await broker.get(`/v1/audit/events?${query}`, auditAnswer));
  const evidence = answer.rows.map(({ index, record, opened, proof }) => ({
    record,
    ...(opened && { opened }),
    proof: formatTlogProof({
      index,
      path: proof.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint: answer.checkpoint,
    }),
  }));
  return { evidence, logKey: evidence.length > 0 ? logKeyOf(place, agreement) : null };
}

function logKeyOf({ dir }: CompanyPlace, agreement: SignedAgreement): string {
  const keys = readBrokerKeys(dir);
  if (!keys) throw new StepFailed('the company was not told the log key of its broker');
  const key = logNoteKey(keys.name, agreement.document.id, rawEd25519(keyObjectOf(keys.logKey)));
  return formatVkey(must('the log key', key));
}

/**
 * Waits until a record that `wanted` accepts is in the log under a checkpoint that both companies' witnesses cosigned, and the whole bundle
 * verifies; returns that bundle.
 */
export function provenBy(
  trial: Trial,
  place: CompanyPlace,
  content: { agreement: SignedAgreement } & Partial<Bundle>,
  filter: Readonly<Record<string, string>>,
  wanted: (records: readonly EvidenceRecord[]) => boolean,
): Promise<Bundle> {
  let last = 'no answer yet';
  return eventually(
    `evidence cosigned by both (${JSON.stringify(filter)})`,
    async () => {
      const found = await question(place, content.agreement, filter);
      if (!wanted(found.evidence.map(({ record }) => record))) {
        last = `records: ${found.evidence.map(({ record }) => record.kind).join(' ')}`;
        throw new Error(last);
      }
      const bundle: Bundle = { ...emptyBundle, ...published(trial), ...content, ...found };
      const proven = await verifyBundle(bundleBytes(bundle), pinsOf(trial));
      if (proven.allowed) return bundle;
      throw new Error(`the bundle does not verify: ${proven.refusal.code} ${proven.refusal.clause ?? ''}`);
    },
    20_000,
  );
}
