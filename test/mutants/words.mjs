/** One check of custody, of silent witnesses or of the recipients of data, removed at a time. */
import { ofDomain, ofGateway, ofProof } from './of-folder.mjs';

const custody = ofDomain('agreement/custody.ts', 'agreement/custody.spec.ts');
const silent = ofDomain('evidence/silent-witness.ts', 'evidence/silent-witness.spec.ts');
const watch = ofGateway('evidence/cosign-watch.ts', 'evidence/cosign-watch.spec.ts');
const atGateway = (row) => ({ ...row, spec: 'apps/edge-gateway/src/terms.spec.ts' });
const right = (...row) => atGateway(ofProof('right.ts', '')(...row));
const covered = (...row) => atGateway(ofDomain('grant/covered.ts', '')(...row));
const admit = (...row) => atGateway(ofGateway('session/admit-session.ts', '')(...row));

export const WORDS = [
  covered(
    'recipient_not_agreed',
    "if (data && opener && !data.recipients.includes(opener)) return 'recipient_not_agreed';",
    '',
  ),
  right('custody_not_agreed', "if (single) return refuse('custody_not_agreed', { clause: single });", ''),
  right('custody_not_agreed', "return known.roots.has(kid) ? ['root', ...published] : published;", 'return [];'),
  custody('custody_not_agreed', "term.custody === 'single'", 'true'),
  custody('custody_not_agreed', 'accepted.some(({ party }) => party === one)', 'accepted.length > 0'),
  admit('witness_silent', "return silent ? refuse('witness_silent', { clause: silent }) : undefined;", ''),
  silent('witness_silent', '> most', '>= most'),
  silent('witness_silent', " || term.cosigning === 'none'", ''),
  silent('witness_silent', "term.cosigning === 'both' || ", ''),
  silent('witness_silent', '.filter((one) => !gone.includes(one))', ''),
  watch('witness_silent', 'since: since ?? monotonic()', 'since: monotonic()'),
  watch('witness_silent', '!had || size > had.size', 'true'),
  watch('witness_silent', '!had || size > had.size', '!had'),
];
