import type { LoginProof, TermOf } from '@interlock/domain';
import { signLoginProof } from '@interlock/proof';
import { anAgreement, aRight, BUYER, type Right, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { id, rightOpens, type TermCase } from '../at-the-gateway.js';

type Provider = TermOf<'identity-provider'>;
export const GUEST = id('guest-4711');
const technician = { id: id('technician'), login: GUEST };

/** The right of a technician of the vendor who logged in at the buyer, under an agreement that has the buyer log in these people. */
export async function guestsRight(persons: Provider['persons'], claims: Partial<LoginProof> = {}): Promise<Right> {
  const { who } = await aRight();
  const term: Provider = { type: 'identity-provider', party: VENDOR, issuer: BUYER, persons };
  const agreement = anAgreement(who);
  const right = await rightUnder(who, { ...agreement, terms: [...agreement.terms, term] });
  const said: LoginProof = { ...right.claims, iss: BUYER, sub: GUEST, ...claims };
  return { ...right, loginProof: await signLoginProof(said, who.buyerAgent.signer) };
}

export const identityProvider: TermCase = {
  permits: 'a technician of the vendor whom the buyer logged in under the name that both agreed',
  permitted: async () => rightOpens(await guestsRight([technician])),
  refuses: 'one whom the buyer logged in under a name that nobody agreed',
  refused: async () => rightOpens(await guestsRight([technician], { sub: id('guest-4712') })),
  code: 'wrong_issuer',
};
