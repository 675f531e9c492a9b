import type { Agreement, HeldAct } from '@interlock/domain';
import type { Agent } from '../agent.js';
import { partiesOf } from '../agreements/agreements.js';

/** Every act held here on one agreement. The store takes none that did not verify, and a resume only with every party's signature. */
export const heldActs = (agent: Agent, agreement: Agreement): readonly HeldAct[] =>
  agent.store.acts(agreement.id).map(({ act: { document }, digest }) => ({
    act: document,
    digest,
    signers: document.verb === 'resume' ? partiesOf(agreement) : [document.organisation],
  }));
