import { AsyncLocalStorage } from 'node:async_hooks';
import type { Standing } from '@interlock/contracts';
import type { Annex, Signed } from '@interlock/domain';
import { signDocument, signersOfAnnex } from '@interlock/proof';
import { NOW, type Partnership, type Right } from '@interlock/testkit/builders';

/** What somebody hands in beside the situation of a case, whichever case it is. */
export type Beside = (right: Right) => Promise<Pick<Standing, 'annexes' | 'acts'>>;
export const beside = new AsyncLocalStorage<Beside>();
export const handedInBeside: Beside = async (right) => (await beside.getStore()?.(right)) ?? { annexes: [], acts: [] };

/** An annex signed by each of the two companies whose word it is; a company beside them stays unknown here. */
export async function signedPaper<A extends Annex>(document: A, who: Partnership): Promise<Signed<A>> {
  const { vendor, buyer, approver } = who;
  const signers = signersOfAnnex(document).flatMap(({ issuer, purpose }) =>
    [vendor, buyer]
      .filter(({ organisation }) => organisation === issuer)
      .map((company) =>
        purpose === 'approve' ? approver.signer : purpose === 'certify' ? company.certify : company.agreement,
      ),
  );
  return { document, signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))) };
}
