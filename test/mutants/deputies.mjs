/** One check of a deputy's yes removed at a time. */
const of = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const rule = 'libs/domain/src/grant/deputies.spec.ts';
const seat = of('libs/domain/src/grant/deputies.ts', rule);
const atTheGateway = 'apps/edge-gateway/src/approvals.spec.ts';

export const DEPUTIES = [
  seat('approvals_missing', 'approvers.some(isReplaced) || ', ''),
  seat('approvals_missing', 'right.subjects.some(isReplaced) || ', ''),
  seat('approvals_missing', ' && first?.id === id', ''),
  of('libs/domain/src/act/standing.ts', rule)('taken_away', 'use.approvers.flatMap(withReplaced)', 'use.approvers'),
  of('libs/proof/src/verified-right.ts', atTheGateway)(
    'approvals_missing',
    'within(periods, signedAt) !== undefined',
    'true',
  ),
  of('libs/contracts/src/documents/keys.ts', atTheGateway)('malformed', '!guest &&', ''),
  of('libs/contracts/src/documents/keys.ts', atTheGateway)('malformed', 'one.for !== holder.id && ', ''),
];
