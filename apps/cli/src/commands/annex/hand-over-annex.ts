import { signAnnex } from '@interlock/company-side';
import { accepted, annex as annexSchema, signedAnnex } from '@interlock/contracts';
import { type AgreementId, type Annex, allow, type Decision, type Digest, type Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import type { CompanyBroker } from '../company-broker.js';
import { WrongUsage, waitingFor } from '../perform.js';
import { readJsonFile } from '../read-arguments.js';

/** The same document with this company's offline signature beside those it has. Nothing is sent anywhere. */
export async function countersignAnnex<A extends Annex>(
  company: CompanyBroker,
  { document, signatures }: Signed<A>,
): Promise<Decision<Signed<A>>> {
  const block = await signAnnex(company.dir, document, company.now());
  return block.allowed ? allow({ document, signatures: [...signatures, block.value] }) : block;
}

/** Hands an annex to the broker, which verifies it and passes it on to the gateways of all parties. */
export async function handInAnnex(
  company: CompanyBroker,
  id: AgreementId,
  annex: Signed<Annex>,
): Promise<Decision<Digest>> {
  const body = { annex };
  const taken = await waitingFor(
    'handing it to the broker',
    company.broker.post(`/v1/agreements/${id}/annexes`, body, accepted),
  );
  return taken.allowed ? allow(digestOf(annex.document)) : taken;
}

/** Signs an annex and hands it in. */
export async function signAndHandIn(
  company: CompanyBroker,
  id: AgreementId,
  document: Annex,
): Promise<Decision<Digest>> {
  const signed = await countersignAnnex(company, { document, signatures: [] });
  return signed.allowed ? handInAnnex(company, id, signed.value) : signed;
}

const inFile = z.union([signedAnnex, annexSchema.transform((document) => ({ document, signatures: [] }))]);

/** An annex of one kind from a file, signed or not yet. */
export function annexInFile<K extends Annex['typ']>(file: string, kind: K): Signed<Extract<Annex, { typ: K }>> {
  const read = inFile.safeParse(readJsonFile(file));
  if (!read.success || read.data.document.typ !== kind)
    throw new WrongUsage(`${file} does not hold a document of kind ${kind}`);
  return read.data as Signed<Extract<Annex, { typ: K }>>;
}
