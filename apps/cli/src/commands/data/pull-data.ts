import { KeysThatCount, type Pulled, pullSealed } from '@interlock/client';
import { brokerClient, layout, newNonce, PIPELINE_ID, readSettings, readSigner } from '@interlock/company-side';
import { type AgreementId, allow, type Decision, type LocalId } from '@interlock/domain';
import type { OpenedBatch } from '@interlock/proof';
import { type VerifiedAgreement, verifiedAgreement } from '../agreement/verified-agreement.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { refusalWords, tell, WrongUsage, waitingFor } from '../perform.js';
import type { HostPort } from '../read-arguments.js';
import { openingKeys } from './opening-keys.js';

export interface DataPull {
  readonly company: string;
  readonly agreement: AgreementId;
  readonly region: LocalId;
  readonly endpoint: HostPort;
  /** End when everything that waited has come; otherwise only when `signal` says so. */
  readonly once: boolean;
  readonly signal?: AbortSignal;
  /** Resolves when the batch is kept for good: only then is it acknowledged, and never comes again. */
  readonly keep: (opened: OpenedBatch) => Promise<void>;
}

export interface PullReport {
  readonly batches: number;
  readonly observations: number;
  /** Batches that did not open or verify. They were not acknowledged. */
  readonly refused: number;
}

const AT_ONCE = 100;
const PATIENCE = 2_000;
/** How often it is asked which keys were revoked, in milliseconds: as long as one in the wrong hands may go on here. */
const KEYS_EVERY = 10_000;

/** Pulls everything sealed to this company under one agreement, at the endpoint whose key both companies signed. */
export async function pullData(pull: DataPull): Promise<Decision<PullReport>> {
  const company = companyBroker(pull.company);
  const agreed = await waitingFor('reading the agreement', verifiedAgreement(company, pull.agreement));
  if (!agreed.allowed) return agreed;
  const [opener, ...olderOpeners] = openingKeys(pull.company);
  if (!opener) throw new WrongUsage('the pipeline has no key that opens data; run "interlock agent renew"');
  const { keys, renew } = await keysOfPull(company, pull.agreement, agreed.value);
  const { organisation, brokerOrigin } = readSettings(pull.company);
  const signer = readSigner(layout(pull.company).workload(PIPELINE_ID), 'key', organisation);
  const { region, endpoint } = pull;
  const sealed = await waitingFor(
    'connecting to the region',
    pullSealed({
      broker: brokerClient({ origin: brokerOrigin, signer, now: Date.now, newId: newNonce }),
      ...{ organisation, agreement: agreed.value.agreement, region, endpoint, opener, olderOpeners, now: Date.now },
      ring: keys.now,
    }),
  );
  if (!sealed.allowed) return sealed;
  const report = { batches: 0, observations: 0, refused: 0 };
  try {
    while (!pull.signal?.aborted) {
      await renew();
      const next = await sealed.value.next(AT_ONCE, PATIENCE);
      for (const one of next) await keepOne(one, pull, report);
      // A machine that runs never stops sending: less than was asked for means that what waited has come.
      if (pull.once && next.length < AT_ONCE) break;
    }
    return allow(report);
  } finally {
    await sealed.value.close();
  }
}

/** The keys that open and sign here, and how they are asked for again while the pull goes on. */
async function keysOfPull(company: CompanyBroker, id: AgreementId, first: VerifiedAgreement) {
  const keys = new KeysThatCount(first.ring);
  const take = ({ ring, agreement, acts }: VerifiedAgreement) => keys.take(ring, agreement, acts, company.now());
  await take(first);
  let asked = performance.now();
  const renew = async () => {
    if (performance.now() - asked < KEYS_EVERY) return;
    asked = performance.now();
    // With the broker away those that count are those that counted; nothing new comes then either.
    const again = await verifiedAgreement(company, id).catch(() => undefined);
    if (again?.allowed) await take(again.value);
  };
  return { keys, renew };
}

async function keepOne(
  { opened, acknowledge }: Pulled,
  pull: DataPull,
  report: { batches: number; observations: number; refused: number },
): Promise<void> {
  if (!opened.allowed) {
    report.refused += 1;
    tell(`a batch was left where it is; ${refusalWords(opened.refusal)}`);
    return;
  }
  await pull.keep(opened.value);
  acknowledge();
  report.batches += 1;
  report.observations += opened.value.batch.observations.length;
}
