import type { Delegation, GrantId, Instant, LocalId, Signed } from '@interlock/domain';
import { digestOf, signDocument, signLoginProof } from '@interlock/proof';
import type { Holder } from './a-company.js';
import { NOW, type Right, VENDOR } from './a-right.js';

const id = (text: string) => text as LocalId;

/** A right in other hands: the chain with one delegation more, and the login proof of the one who was handed it. */
export interface HandedOn extends Right {
  readonly delegation: Delegation;
}

/** Hands on the whole right to a colleague, approved by two of the owner. A test names only what it changes. */
export async function handOn(
  right: Right,
  over: Partial<Delegation> = {},
  signers: readonly Holder[] = [right.who.technician, right.who.approver, right.who.secondApprover],
  now: Instant = NOW,
): Promise<HandedOn> {
  const above = right.chain.delegations ?? [];
  const parent = above.at(-1)?.document ?? right.grant;
  const delegation: Delegation = {
    ...parent,
    typ: 'delegation',
    id: `grt_${'0123456789'.charAt(above.length + 1).repeat(26)}` as GrantId,
    parent: digestOf(parent),
    requester: { organisation: VENDOR, id: right.claims.sub },
    subjects: [{ organisation: VENDOR, kind: 'person', id: id('colleague') }],
    uses: null,
    reason: 'holiday replacement',
    ...over,
  };
  const signatures = await Promise.all(signers.map((one) => signDocument(delegation, one.signer, now)));
  const made: Signed<Delegation> & { signatures: typeof signatures } = { document: delegation, signatures };
  const claims = { ...right.claims, grant: delegation.id, sub: delegation.subjects[0]?.id ?? right.claims.sub };
  return {
    ...right,
    delegation,
    claims,
    chain: { ...right.chain, delegations: [...above, made] },
    loginProof: await signLoginProof(claims, right.who.vendorAgent.signer),
  };
}
