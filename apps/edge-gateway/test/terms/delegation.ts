import type { TermOf } from '@interlock/domain';
import { aRight, handOn, type Right, VENDOR } from '@interlock/testkit/builders';
import { id, rightOpens, type TermCase } from '../at-the-gateway.js';

const term: TermOf<'delegation'> = { type: 'delegation', depth: 1, delegates: [VENDOR], unapproved: [] };

/** Handed on once by the technician, or once more by the colleague who got it. */
async function handedOn(times: 1 | 2): Promise<Right> {
  const base = await aRight();
  const terms = [...base.agreement.terms.filter(({ type }) => type !== 'delegation'), term];
  const right = await aRight({ agreement: { terms } });
  const { approver, secondApprover, vendor } = right.who;
  const colleague = await vendor.holder('person', 'colleague', ['delegate']);
  const chain = { ...right.chain, certificates: [...right.chain.certificates, colleague.certificate] };
  const once = await handOn({ ...right, chain });
  if (times === 1) return once;
  const expert = { subjects: [{ organisation: VENDOR, kind: 'person' as const, id: id('expert') }] };
  return handOn(once, expert, [colleague, approver, secondApprover]);
}

export const delegation: TermCase = {
  permits: 'a session of a delegate as deep as was agreed',
  permitted: async () => rightOpens(await handedOn(1)),
  refuses: 'a session of a delegate of a delegate',
  refused: async () => rightOpens(await handedOn(2)),
  code: 'delegation_too_deep',
};
