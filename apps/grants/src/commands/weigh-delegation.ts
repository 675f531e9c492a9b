import type { RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Delegation,
  type Instant,
  leftFor,
  refuse,
  type SignatureBlock,
} from '@interlock/domain';
import { type HandedOn, readDelegation, verifyRight } from '@interlock/proof';
import type { AboveRow } from '../store/grant.store.js';
import { asHeld } from '../store/standing.store.js';
import { chainOf } from './chain-of.js';
import { closedTo, type Weighed } from './closed-to.js';
import { type Material, pinsOf } from './material.js';

/**
 * Weighs a delegation with the signatures it has so far, under everything it hangs on: that is verified whole as a gateway would, and
 * must be active.
 */
export async function weighDelegation(
  document: Delegation,
  above: readonly AboveRow[],
  signatures: readonly SignatureBlock[],
  material: Material,
  now: Instant,
): Promise<Decision<Weighed, RefusalCode>> {
  const closed = closedTo(document, material);
  if (closed) return closed;
  if (above.length === 0) return refuse('delegation_dangling', { clause: 'parent' });
  if (above.some((one) => one.status !== 'active')) return refuse('taken_away', { clause: 'parent' });
  const right = await verifyRight(chainOf(above, material), pinsOf(material), now);
  if (!right.allowed) return right;
  const read = await readDelegation({ document, signatures: [...signatures] }, right.value, now);
  if (!read.allowed) return refuse(read.refusal.code, clauseOf(read.refusal.clause));
  const { subjectSide, approvers, complete, digest } = read.value;
  const handed = { ...right.value, delegations: [...right.value.delegations, { document, digest }] };
  const left = leftFor(handed, material.acts.map(asHeld));
  if (!left.allowed) return left;
  return allow({
    whole: complete,
    owner: right.value.owner,
    subjectSide,
    approvers,
    made: madeOf(read.value, signatures),
  });
}

const clauseOf = (clause: string | undefined) => (clause === undefined ? {} : { clause });

const madeOf = ({ signers, delegator }: HandedOn, blocks: readonly SignatureBlock[]): Weighed['made'] =>
  signers.flatMap((signer, at) => {
    const block = blocks[at];
    const { organisation, kid, holder } = signer;
    const purpose = signer === delegator ? ('grant' as const) : ('approve' as const);
    return block ? [{ organisation, kid, holder: holder?.id ?? null, block, purpose }] : [];
  });
