import type { TermOf } from '@interlock/domain';
import { anAgreement, aPartnership, NOW, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { rightOpens, type TermCase } from '../at-the-gateway.js';

const term = (custody: 'separate' | 'single'): TermOf<'custody'> => ({ type: 'custody', party: VENDOR, custody });

/** Whether somebody of the vendor comes in, where the vendor's agent holds the key that certifies the vendor's keys. */
export async function withOneKey(...terms: readonly TermOf<'custody'>[]) {
  const who = await aPartnership(NOW);
  const { key } = who.vendor.certify;
  const agent = await who.vendor.holder('agent', 'agent', ['login', 'beat', 'narrow'], { key });
  const base = anAgreement(who);
  const right = await rightUnder(who, { ...base, terms: [...base.terms, ...terms] });
  const certificates = [...right.chain.certificates, agent.certificate];
  return rightOpens({ ...right, chain: { ...right.chain, certificates } });
}

export const custody: TermCase = {
  permits: 'a session of a party whose one agent holds all its keys, where both accepted that',
  permitted: () => withOneKey(term('single')),
  refuses: 'a session of a party whose agent holds a key that speaks for it, where its keys were agreed to be separate',
  refused: () => withOneKey(term('separate')),
  code: 'custody_not_agreed',
};
