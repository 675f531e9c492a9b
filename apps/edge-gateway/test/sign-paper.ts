import type { Annex, Signed } from '@interlock/domain';
import { signDocument, signersOfAnnex } from '@interlock/proof';
import { NOW, type Partnership } from '@interlock/testkit/builders';

/** An annex signed by each of the two companies whose word it is; a company beside them stays unknown here. */
export async function signedPaper<A extends Annex>(document: A, { vendor, buyer }: Partnership): Promise<Signed<A>> {
  const signers = signersOfAnnex(document).flatMap(({ issuer, purpose }) =>
    [vendor, buyer]
      .filter(({ organisation }) => organisation === issuer)
      .map((company) => (purpose === 'certify' ? company.certify : company.agreement)),
  );
  return { document, signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))) };
}
