import { signAgreement } from '@interlock/company-side';
import { agreement as agreementSchema, agreementView, signedAgreement } from '@interlock/contracts';
import { type Agreement, allow, type Decision, refuse, type Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import type { CompanyBroker } from '../company-broker.js';
import { WrongUsage } from '../perform.js';
import { readJsonFile } from '../read-arguments.js';

type View = z.infer<typeof agreementView>;

/** Signs a version with the company's offline key. Nothing is sent anywhere. */
export async function signOwn(
  dir: string,
  { document, signatures }: { document: Agreement; signatures: Signed<Agreement>['signatures'] },
  now: number,
): Promise<Decision<Signed<Agreement>>> {
  const block = await signAgreement(dir, document, now);
  return block.allowed ? allow({ document, signatures: [...signatures, block.value] }) : block;
}

/** Proposes a version that this company has signed. A version that is proposed already takes the signatures it lacks. */
export const proposeAgreement = (company: CompanyBroker, agreement: Signed<Agreement>): Promise<Decision<View>> =>
  company.broker.post('/v1/agreements', { agreement }, agreementView);

/** Adds this company's signature to a version the broker holds; the last one puts it in force. */
export async function addSignature(company: CompanyBroker, document: Agreement): Promise<Decision<View>> {
  const block = await signAgreement(company.dir, document, company.now());
  if (!block.allowed) return block;
  const digest = digestOf(document);
  const body = { digest, signatures: [block.value] };
  const taken = await company.broker.post(`/v1/agreements/${document.id}/signatures`, body, agreementView);
  if (!taken.allowed) return taken;
  // The answer is a stranger's: another document under the same id would be a lie about what was signed.
  return digestOf(taken.value.agreement.document) === digest ? taken : refuse('not_what_was_shown');
}

const inFile = z.union([signedAgreement, agreementSchema.transform((document) => ({ document, signatures: [] }))]);

/** An agreement version from a file, signed or not yet. */
export function agreementInFile(file: string): z.infer<typeof inFile> {
  const read = inFile.safeParse(readJsonFile(file));
  if (read.success) return read.data;
  const shape = agreementSchema.safeParse(bare(readJsonFile(file)));
  const [first] = shape.success ? [] : shape.error.issues;
  const where = first ? `${first.path.join('.') || 'all of it'}: ${first.message}` : 'its signatures';
  throw new WrongUsage(`${file} does not hold an agreement, as "interlock agreement new" writes it (${where})`);
}

const bare = (content: unknown): unknown =>
  typeof content === 'object' && content !== null && 'document' in content ? content.document : content;
