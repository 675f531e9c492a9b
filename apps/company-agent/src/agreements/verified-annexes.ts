import { type Agreement, type Annex, allow, type Decision, type HeldAnnex } from '@interlock/domain';
import { verifyAnnex } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { partiesOf } from './agreements.js';

/** Papers beside the agreement that verify, of these kinds alone where some are named; what the broker invents does not. */
export async function verifiedAnnexes(
  agent: Agent,
  agreement: Agreement,
  kinds?: readonly Annex['typ'][],
): Promise<Decision<readonly HeldAnnex[]>> {
  const standing = await agent.broker.standing(agreement.id);
  if (!standing.allowed) return standing;
  const ring = await agent.partners.ring(partiesOf(agreement), agent.now());
  if (!ring.allowed) return ring;
  const asked = standing.value.annexes.filter(({ document }) => kinds?.includes(document.typ) ?? true);
  const read = await Promise.all(asked.map((one) => verifyAnnex(one, ring.value, agreement, agent.now())));
  return allow(read.flatMap((one) => (one.allowed ? [one.value] : [])));
}
