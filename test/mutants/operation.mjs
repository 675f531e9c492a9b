/** Checks that operation rests on: addresses in plain text, proofs that count once, traces that strangers write. */
const link = (text, replacement) => ({
  code: 'start_refused',
  file: 'libs/contracts/src/links.ts',
  text,
  replacement,
  spec: 'libs/contracts/src/links.spec.ts',
});
const proof = (text, replacement, test) => ({
  code: 'caller_unknown',
  file: 'apps/federation-api/src/store/used-proof.store.ts',
  text,
  replacement,
  spec: 'test/scenarios/broker/edge.spec.ts',
  test,
});
const trace = (text, replacement) => ({
  code: 'malformed',
  file: 'libs/contracts/src/traceparent.ts',
  text,
  replacement,
  spec: 'libs/contracts/src/traceparent.spec.ts',
});

const backup = (text, replacement, test, file = 'backup-folder.ts') => ({
  code: 'backup_refused',
  file: `libs/trial/src/backup/${file}`,
  text,
  replacement,
  spec: 'libs/trial/src/backup/backup-folder.spec.ts',
  test,
});

export const OPERATION = [
  backup('(await digestOfFile(join(folder, path))) !== sha256', 'false', 'is none where one byte of %s is another'),
  backup(
    '!existsSync(join(folder, path))',
    'false',
    'is none without one of its files, and without its list of contents',
  ),
  backup(
    'existsSync(to) && !readFileSync(to).equals(readFileSync(from))',
    'false',
    'take the place of no other key, and none of them is laid then',
  ),
  backup("part === '.' || part === '..'", 'false', 'outside of itself is not read', 'manifest.ts'),
  link("(url?.protocol === 'http:' && isThisMachine(url.hostname))", "url?.protocol === 'http:'"),
  link("url?.protocol === 'tls:' || isThisMachine(url?.hostname ?? '')", 'true'),
  link("asksForTls(text) || isThisMachine(urlOf(text)?.hostname ?? '')", 'true'),
  link("value === 'verify-full'", 'true'),
  link('new Set(serversOf(text).map((url) => url?.protocol)).size === 1', 'true'),
  link('return known && once &&', 'return once &&'),
  link('return known && once &&', 'return known &&'),
  link("url.search = '';", ''),
  proof(
    'taken.delete(nameOf(proof))',
    'taken.has(nameOf(proof))',
    'takes one of two alike that come together, and each of two that are not',
  ),
  trace("version === 'ff' || ", ''),
  trace('/^0+$/.test(traceId) || ', ''),
  trace(' || /^0+$/.test(spanId)', ''),
];
