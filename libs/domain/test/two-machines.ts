import type { Agreement, Term } from '../src/documents/agreement.js';
import { agreementOf, BUYER, dataCollection, id, offline, press7, region, remoteService, VENDOR } from './a-right.js';

export const press8 = { owner: BUYER, id: id('press-8') };
export const service = { ...remoteService, purposes: [id('repair'), id('inspection')] } as Term;
export const delegation: Term = { type: 'delegation', depth: 2, delegates: [VENDOR], unapproved: ['standard'] };

/** A version with two machines, of which one has two services, and a clause of each kind that one side may take parts of. */
export const twoMachines: Agreement = agreementOf({
  resources: [
    { ...press7, class: 'standard', services: [id('ssh'), id('http')] },
    { ...press8, class: 'standard', services: [id('ssh')] },
  ],
  terms: [service, dataCollection, region, offline, delegation],
});

/** A clause that says the same but for these members. */
export const said = (over: Partial<Term>, term: Term = service): Term => ({ ...term, ...over }) as Term;
