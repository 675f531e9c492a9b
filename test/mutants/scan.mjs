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
const zip = at('apps/scanner/src/unpack/zip-members.ts', TABLE);
const unfold = at('apps/scanner/src/unpack/unfold.ts', TABLE);
const scan = at('apps/scanner/src/scan-bytes.ts', TABLE);

export const SCAN = [
  answer('engine_failed', "answer === 'stream: OK'", "answer.startsWith('stream: OK')"),
  answer('engine_limit', 'if (signature.startsWith(LIMITS))', 'if (false)'),
  bounds('too_deep', 'part.depth > bounds.depth', 'false'),
  bounds('too_many_entries', 'before.entries + 1 > bounds.entries', 'false'),
  bounds('ratio', 'part.to > part.from * bounds.ratio', 'false'),
  bounds('member_too_large', 'part.to > bounds.memberBytes', 'false'),
  bounds('too_large', 'before.bytes + part.to > bounds.totalBytes', 'false'),
  verdict('signature', 'WEIGHT[one.outcome] > WEIGHT[worst.outcome]', 'WEIGHT[one.outcome] < WEIGHT[worst.outcome]'),
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
