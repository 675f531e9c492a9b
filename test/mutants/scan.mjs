/** One check of the scanner removed at a time; the row of its table must turn red. */
const at = (file, spec) => (code, text, replacement, test) => ({
  code,
  file,
  text,
  replacement,
  spec,
  ...(test && { test }),
});
const DOMAIN_SPEC = 'libs/domain/src/scan/scan.spec.ts';
const TABLE = 'apps/scanner/src/scan-bytes.spec.ts';
const answer = at('libs/domain/src/scan/read-engine-answer.ts', DOMAIN_SPEC);
const bounds = at('libs/domain/src/scan/bounds.ts', DOMAIN_SPEC);
const verdict = at('libs/domain/src/scan/verdict.ts', DOMAIN_SPEC);
const may = at('libs/domain/src/scan/may-deliver.ts', 'libs/domain/src/scan/may-deliver.spec.ts');
const released = at('libs/domain/src/scan/release.ts', 'libs/domain/src/scan/may-deliver.spec.ts');
const word = at('libs/proof/src/quarantine-release.ts', 'libs/proof/src/quarantine-release.spec.ts');
const flow = at('apps/edge-gateway/src/scanning/flow-scan.ts', 'test/scenarios/scanned-flow.spec.ts');
const sealing = at('apps/edge-gateway/src/flow/sealed-flow.ts', 'test/scenarios/scanned-flow.spec.ts');
const page = at(
  'apps/company-agent/src/releases/release-held.ts',
  'apps/company-agent/src/releases/release-held.spec.ts',
);
const zip = at('apps/scanner/src/unpack/zip-members.ts', TABLE);
const unfold = at('apps/scanner/src/unpack/unfold.ts', TABLE);
const scan = at('apps/scanner/src/scan-bytes.ts', TABLE);

const part = at('libs/domain/src/file/file-part.ts', 'libs/domain/src/file/file-part.spec.ts');
const letIn = at('libs/domain/src/scan/let-in.ts', 'libs/domain/src/scan/let-in.spec.ts');

export const SCAN = [
  part('files_not_agreed', "scanning === 'required' &&", 'true &&'),
  part('files_not_agreed', "action === 'pass' && ", ''),
  part('malformed', ' || !isFileName(name)', ''),
  part('malformed', ' || size > LARGEST_FILE', ''),
  part('malformed', ' || at % PART_BYTES !== 0', ''),
  part('malformed', ' || hex.length / 2 !== Math.min(PART_BYTES, size - at)', ''),
  letIn('files_not_agreed', 'if (!carriesFiles(term))', 'if (false)'),
  letIn('scan_not_clean', 'verdict && sameFinding(verdict, signedOver)', 'verdict'),
  letIn('scan_not_clean', 'one.reason === other.reason && ', ''),
  letIn('scan_not_clean', ' && one.signature === other.signature', ''),
  letIn('release_unfit', 'releaseMissing(owner, recipients, signed)', '[]'),
  answer('engine_failed', "answer === 'stream: OK'", "answer.startsWith('stream: OK')"),
  answer('engine_limit', 'if (signature.startsWith(LIMITS))', 'if (false)'),
  bounds('too_deep', 'part.depth > bounds.depth', 'false'),
  bounds('too_many_entries', 'before.entries + 1 > bounds.entries', 'false'),
  bounds('ratio', 'part.to > part.from * bounds.ratio', 'false'),
  bounds('member_too_large', 'part.to > bounds.memberBytes', 'false'),
  bounds('too_large', 'before.bytes + part.to > bounds.totalBytes', 'false'),
  verdict('signature', 'WEIGHT[one.outcome] > WEIGHT[worst.outcome]', 'WEIGHT[one.outcome] < WEIGHT[worst.outcome]'),
  may('scanner_unavailable', '!verdict || verdict.digest !== digest', '!verdict'),
  may('scanner_unavailable', "reason === 'engine_absent' || engine === null", 'engine === null'),
  may('scan_not_clean', "outcome === 'clean'", 'outcome'),
  may('scan_missing', "scanning !== 'required' || scan !== undefined", 'true'),
  at('libs/proof/src/seal.ts', 'libs/proof/src/seal.spec.ts')(
    'scan_missing',
    'term && !wasScanned(term, scan)',
    'false',
  ),
  flow('scan_not_clean', "if (term.scanning !== 'required') return allow(undefined);", 'return allow(undefined);'),
  sealing('event_too_large', 'if (contentOf(lot.observations).length > LARGEST_CONTENT)', 'if (false)', 'in parts'),
  sealing(
    'event_too_large',
    "new Set(['scan_not_clean', 'event_too_large'])",
    "new Set(['scan_not_clean'])",
    'in parts',
  ),
  at('apps/edge-gateway/src/flow/push-queue.ts', 'apps/edge-gateway/src/flow/push-queue.spec.ts')(
    'scanner_unavailable',
    'of === undefined || sameSubject(one.presenter, of)',
    'of === undefined',
  ),
  page('not_what_was_shown', "if (!session.shown.has(digest)) return refuse('not_what_was_shown');", ''),
  page('not_what_was_shown', 'asked.value.digest !== digest', 'false'),
  page('release_unfit', ' || one.released', ''),
  page('release_unfit', '!takes.includes(agent.organisation)', 'false'),
  page('not_in_role', "!person.purposes.includes('approve') || ", ''),
  released('release_unfit', 'asked.includes(organisation)', 'organisation'),
  released('release_unfit', 'persons.size < RELEASED_BY', 'false'),
  word('release_unfit', 'issuer !== asked.owner && !asked.recipients.includes(issuer)', 'false'),
  word('release_unfit', "if (document.agreementId !== asked.agreementId) return unfit('agreement');", ''),
  word('release_unfit', 'document.gateway.organisation !== asked.gateway.organisation || ', ''),
  word('release_unfit', "if (document.flow !== asked.flow) return unfit('flow');", ''),
  word('release_unfit', "if (document.content !== asked.content) return unfit('content');", ''),
  word('release_unfit', "if (document.foundAt !== asked.foundAt) return unfit('finding');", ''),
  word('release_unfit', 'tooLong || now', 'now'),
  word('release_unfit', ' || document.issuedAt > now + SIGNATURE_SKEW', ''),
  word('release_unfit', ' || signer.guest', ''),
  word('release_unfit', "signer?.holder?.kind !== 'person'", '!signer?.holder'),
  word('release_unfit', 'asked.presenter.id === holder.id', 'false'),
  zip('encrypted', "entry.isEncrypted() ? 'encrypted' : ", '', 'an encrypted zip'),
  zip('headers_differ', '!local.fileName.equals(entry.fileNameRaw) ||', '', 'a member with two names'),
  zip('overlapping', "if (start < end) return 'overlapping';", '', 'members that share their bytes'),
  zip(
    'headers_differ',
    "directory > end + slack ? 'headers_differ' : undefined",
    'undefined',
    'bytes that belong to no member',
  ),
  unfold('signature', 'if (packed !== undefined)', 'if (packed === undefined && false)', 'in base64'),
  unfold('unknown_archive', "return 'unknown_archive';", 'return undefined;', 'a format that nobody here can bound'),
  scan('ratio', 'broken ? [notClean(broken)] : []', '[]', 'a zip member of 60 MB'),
];
