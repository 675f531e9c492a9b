import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';
import { access } from './honest-terms.js';

const term = access('machine-to-machine');

export const machineToMachine: TermCase = {
  permits: 'a workload with its own certified key, approved by two of the agreed group',
  permitted: () => sessionOpens({ terms: [term] }, 'machine-to-machine'),
  refuses: 'a workload whose grant one more person should have approved',
  refused: () =>
    sessionOpens({ terms: [{ ...term, approvals: [{ group: id('maintenance'), persons: 3 }] }] }, 'machine-to-machine'),
  code: 'approvals_missing',
};
