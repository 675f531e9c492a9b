import type { Grant, GrantId, Instant, LocalId, StandingApproval, Thumbprint } from '@interlock/domain';
import { digestOf, signDocument } from '@interlock/proof';
import type { Holder } from './a-company.js';
import { aGrant, BUYER, NOW, type Partnership, type Right, VENDOR } from './a-right.js';

const id = (text: string) => text as LocalId;
const DAY = 86_400_000;

/** A yes of the owner to everything that the right's grant asks for, proposed by its first approver. A test names only what it changes. */
export const aStandingApproval = (
  who: Pick<Partnership, 'approver' | 'gateway'>,
  agreement: Right['agreement'],
  over: Partial<StandingApproval> = {},
  now: Instant = NOW,
): StandingApproval => ({
  typ: 'standing-approval',
  v: 1,
  id: `grt_${'7'.repeat(26)}` as GrantId,
  kind: 'remote-service',
  agreementId: agreement.id,
  agreement: digestOf(agreement),
  requester: { organisation: BUYER, id: who.approver.id },
  subjects: [{ organisation: VENDOR, kind: 'person', id: id('technician') }],
  resources: [{ owner: BUYER, id: id('press-7') }],
  actions: [id('ssh')],
  purpose: id('repair'),
  ticket: null,
  windows: [{ from: now - 3_600_000, to: Math.min(now + 30 * DAY, agreement.endsAt) }],
  issuedAt: now - 3_600_000,
  longestWindowSeconds: 4 * 3_600,
  uses: 10,
  gateway: { id: who.gateway.id as LocalId, key: who.gateway.signer.kid as Thumbprint },
  ...over,
});

/** A right that rests on a standing approval. */
export interface GivenBefore extends Right {
  readonly approval: StandingApproval;
}

/** The same right, asked for under a standing approval: only the technician signs the grant itself. */
export async function approveBeforehand(
  right: Right,
  over: { readonly approval?: Partial<StandingApproval>; readonly grant?: Partial<Grant> } = {},
  signers: { readonly approval?: readonly Holder[]; readonly grant?: readonly Holder[] } = {},
  now: Instant = NOW,
): Promise<GivenBefore> {
  const { who, agreement, chain } = right;
  const approval = aStandingApproval(who, agreement, over.approval, now);
  const { id: same } = right.grant;
  const grant = aGrant(agreement, { id: same, standingApproval: digestOf(approval), ...over.grant }, now);
  const sign = (document: Grant | StandingApproval, by: readonly Holder[]) =>
    Promise.all(by.map((one) => signDocument(document, one.signer, now)));
  const given = await sign(approval, signers.approval ?? [who.approver, who.secondApprover]);
  return {
    ...right,
    approval,
    grant,
    chain: {
      ...chain,
      standingApproval: { document: approval, signatures: given },
      grant: { document: grant, signatures: await sign(grant, signers.grant ?? [who.technician]) },
    },
  };
}
