import type { TermOf } from '@interlock/domain';
import { BUYER } from '@interlock/testkit/builders';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';
import { access } from './honest-terms.js';
import { record } from './machines.js';

const term: TermOf<'selector'> = {
  type: 'selector',
  owner: BUYER,
  site: id('north'),
  zone: id('pressing'),
  class: 'standard',
  services: [id('ssh')],
};
const noNames = { agreement: { resources: [], terms: [access('remote-service')] }, terms: [term] };

export const selector: TermCase = {
  permits: 'a session on a machine that nothing names, recorded in the zone that was agreed',
  permitted: () => sessionOpens({ ...noNames, annexes: [record('north')] }),
  refuses: 'a session on a machine that nothing names and nobody recorded',
  refused: () => sessionOpens(noNames),
  code: 'machine_unrecorded',
};
