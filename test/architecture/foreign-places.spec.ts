import { describe, expect, it } from '@jest/globals';
import { textOf, trackedFiles } from './repository.js';

// Written in parts, so that this file does not find itself.
const any = (...parts: string[]) => new RegExp(parts.join('|'));
const FOLDERS = any('(^|[\\s\'"`=(:])/(work|root|home/\\w+|Users/\\w+)(/|\\b)', '(^|[\\s\'"`=(:])/tm' + 'p/\\w');
const HOSTS = any(
  'registry\\.npm' + 'js',
  'npm' + 'mirror',
  'deb\\.deb' + 'ian\\.org',
  'snapshot\\.deb' + 'ian',
  'registry\\.yarn' + 'pkg',
);

const isForeign = (line: string) => FOLDERS.test(line) || HOSTS.test(line);

describe('the repository speaks of no machine but the one it runs on', () => {
  it.each([
    `cd ${'/wo'}rk/main`,
    `"${'/ro'}ot/.npmrc"`,
    `open('${'/tm'}p/out.json')`,
    `https://${'registry.npm'}js.org/a`,
    `deb http://${'deb.deb'}ian.org/x sid main`,
  ])('%s is found', (line) => expect(isForeign(line)).toBe(true));

  it.each(["join(tmpdir(), 'interlock')", 'apps/work/root', 'https://example.test/home/page', '/var/cache/interlock'])(
    '%s is not',
    (line) => expect(isForeign(line)).toBe(false),
  );

  it('no tracked file names a folder of a machine or the host of a package registry', () => {
    const found = trackedFiles().flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, at) => (isForeign(line) ? [`${file}:${at + 1}: ${line.trim().slice(0, 120)}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
