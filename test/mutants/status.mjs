import { ofDomain, ofGateway, ofProof } from './of-folder.mjs';

/** One check of the status of a login proof removed at a time. */
const status = ofDomain('status/token-status.ts', 'status/token-status.spec.ts');
const decided = ofDomain('decide.ts', 'status/token-status.spec.ts');
const token = ofProof('status-list-token.ts', 'status-list-token.spec.ts');
const standing = ofProof('standing.ts', 'status-list-token.spec.ts');
const held = ofGateway('standing/held-agreement.ts', 'standing/status-lists.spec.ts');

export const STATUS = [
  decided(
    'status_invalid',
    "return fault && refuse('status_invalid', { clause: `login ${fault}` });",
    'return undefined;',
  ),
  status('status_invalid', "if (invalid.has(listedName(issuer, listed.idx))) return 'invalid';", ''),
  status('status_invalid', "if (status === undefined) return 'unknown';", ''),
  status(
    'status_invalid',
    'held?.uri === listed.uri ? statusAt(held, listed.idx) : undefined',
    'held && statusAt(held, listed.idx)',
  ),
  status(
    'status_invalid',
    "return status === VALID ? undefined : 'invalid';",
    "return status === INVALID ? 'invalid' : undefined;",
  ),
  status('status_invalid', 'if (organisation !== issuer) return false;', ''),
  status('status_invalid', ' || agreementId !== agreement.id', ''),
  token('malformed', '{ maxOutputLength: LONGEST, info: true }', '{ info: true }'),
  token('malformed', 'engine.bytesWritten === packed.length ? buffer : undefined', 'buffer'),
  token('malformed', 'if (!strictBase64url(lst)) return undefined;', ''),
  token('wrong_issuer', 'iss !== issuer || sub !== uri', 'iss !== issuer'),
  token('wrong_issuer', 'iss !== issuer || sub !== uri', 'sub !== uri'),
  token('token_expired', ' || now >= exp * 1000', ''),
  standing('malformed', "if (document.logins && !logins) return refuse('malformed', { clause: 'status-list' });", ''),
  held('status_invalid', ', ...listed.map((idx) => listedName(organisation, idx))', ''),
  held('status_invalid', ' || (newest.sequence === sequence && newest.issuedAt > issuedAt)', ''),
  held('status_invalid', 'newest.sequence > sequence || ', ''),
  held('status_invalid', 'else held.statuses.delete(organisation);', ''),
];
