import { everyPage } from '@interlock/company-side';
import { agreementList, type agreementView } from '@interlock/contracts';
import {
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, type KeyRing, verifyAgreement, verifyDocument } from '@interlock/proof';
import type { z } from 'zod';
import { type HistorySource, keysOf } from '../company-broker.js';

/** One version as the broker shows it, with what was found out about it here. */
export interface ReadAgreement {
  readonly agreement: Signed<Agreement>;
  readonly digest: Digest;
  /** The broker's word; everything else here was verified. */
  readonly status: z.infer<typeof agreementView>['status'];
  readonly signedBy: readonly OrganisationId[];
  /** Whether it holds down to the pins and can have effect now, or the first thing that does not. */
  readonly verified: Decision<unknown>;
}

/** Every version the broker shows of agreements that this company is party to, newest first. */
export async function readAgreements(company: HistorySource): Promise<Decision<readonly ReadAgreement[]>> {
  const listed = await everyPage(company.broker, '/v1/agreements', agreementList, 'agreements');
  if (!listed.allowed) return listed;
  const read: ReadAgreement[] = [];
  for (const { agreement, status } of listed.value.agreements) {
    const parties = agreement.document.parties.map((party) => party.organisation);
    if (!parties.includes(company.organisation)) continue;
    read.push({ agreement, digest: digestOf(agreement.document), status, ...(await found(company, agreement)) });
  }
  return allow(read.sort((a, b) => b.agreement.document.version - a.agreement.document.version));
}

/** The newest version of one agreement, or the one asked for. */
export async function readOneAgreement(
  company: HistorySource,
  id: AgreementId,
  version?: number,
): Promise<Decision<ReadAgreement>> {
  const all = await readAgreements(company);
  if (!all.allowed) return all;
  const one = all.value.find(
    ({ agreement: { document } }) => document.id === id && (version === undefined || document.version === version),
  );
  return one ? allow(one) : refuse('not_a_party', { clause: version === undefined ? id : `${id} version ${version}` });
}

async function found(
  company: HistorySource,
  agreement: Signed<Agreement>,
): Promise<Pick<ReadAgreement, 'signedBy' | 'verified'>> {
  const parties = agreement.document.parties.map((party) => party.organisation);
  const ring = await keysOf(company, parties);
  if (!ring.allowed) return { signedBy: [], verified: ring };
  return {
    signedBy: await signersOf(agreement, ring.value, company.now()),
    verified: await verifyAgreement(agreement, ring.value, company.pins, company.now()),
  };
}

/** Whose signature is on it and verifies. */
export async function signersOf(
  agreement: Signed<Agreement>,
  ring: KeyRing,
  now: number,
): Promise<readonly OrganisationId[]> {
  const { document } = agreement;
  const found = new Set<OrganisationId>();
  for (const block of agreement.signatures) {
    for (const { organisation: issuer } of document.parties) {
      const one = { document, signatures: [block] };
      const verified = await verifyDocument('agreement', one, ring, [{ issuer, purpose: 'agreement' }], now);
      if (verified.allowed) found.add(issuer);
    }
  }
  return [...found];
}
