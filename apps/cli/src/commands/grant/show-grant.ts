import type { Shown } from '../perform.js';
import type { ShownGrant } from './ask-for-grant.js';

/** What a program reads of a grant. */
export const factsOf = ({ id, digest, status, complete, owner, subjectSide, approvers, grant }: ShownGrant) => ({
  ...{ id, digest, status, complete, owner, subjectSide, approvers },
  grant,
});

/** A grant in the words of the own company's agent. */
export const whole = (shown: ShownGrant): Shown => ({
  json: factsOf(shown),
  lines: shown.plain.map(({ label, text }) => `${label}: ${text}`),
});
