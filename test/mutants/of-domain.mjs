/** One check of `libs/domain` removed: the exact text, what takes its place, and the test that must go red. */
export const ofDomain = (file, spec) => (code, text, replacement) => ({
  code,
  file: `libs/domain/src/${file}`,
  text,
  replacement,
  spec: `libs/domain/src/${spec}`,
});
