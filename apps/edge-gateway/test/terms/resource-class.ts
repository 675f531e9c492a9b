import type { TermOf } from '@interlock/domain';
import { sessionOpens, type TermCase } from '../at-the-gateway.js';
import { access } from './honest-terms.js';

const demanding = (
  approvals: number,
): readonly [ReturnType<typeof access<'remote-service'>>, TermOf<'resource-class'>] => [
  access('remote-service'),
  { type: 'resource-class', class: 'standard', approvals, mode: 'static' },
];

export const resourceClass: TermCase = {
  permits: 'a session on a resource whose class asks for as many persons as approved',
  permitted: () => sessionOpens({ terms: demanding(2) }),
  refuses: 'a session that the clause lets pass with two persons, where the class asks for three',
  refused: () => sessionOpens({ terms: demanding(3) }),
  code: 'approvals_missing',
};
