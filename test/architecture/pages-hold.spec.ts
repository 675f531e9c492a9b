import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT, textOf, trackedFiles } from './repository.js';

/** What GitHub makes of a heading: the anchor that a link names. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): string[] =>
  [...text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Links of a page that lead nowhere. */
function deadLinks(page: string, text: string): string[] {
  const links = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
  return links.filter((to) => {
    if (/^[a-z]+:/.test(to)) return false;
    const [file = '', anchor] = to.split('#');
    const target = join(ROOT, file === '' ? page : join(dirname(page), file));
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
}

/** Tests that a page names, with the title where it names one, and that are not there. */
function missingTests(page: string, text: string): string[] {
  return [...text.matchAll(/`([\w./-]+\/[\w.-]+\.spec\.ts)`(?: "([^"]+)")?/g)].flatMap(([, file = '', title]) => {
    const found = [join(ROOT, file), join(ROOT, dirname(page), file)].find((path) => existsSync(path));
    if (!found) return [file];
    return title === undefined || readFileSync(found, 'utf8').includes(`'${title}'`) ? [] : [`${file} "${title}"`];
  });
}

/** What a page for readers claims without naming a test: the page as a whole, or a row of a table that says "shown by". */
function unshown(page: string, text: string): string[] {
  if (!/^docs\/(getting-started|operations|how-to\.md|pages\.md)/.test(page)) return [];
  const rows = text.split('\n\n').flatMap((block) => {
    const [head = '', , ...body] = block.trim().split('\n');
    return /\| shown by +\|$/.test(head) ? body : [];
  });
  const bare = rows.filter((row) => !/\.spec\.ts`|\| the same/.test(row));
  return /\.spec\.ts`/.test(text) ? bare : ['names no test', ...bare];
}

/** Blocks of lines for readers to type, `<!-- mark -->` to `<!-- /mark -->`, that no test types. `dense`: the tests, without spaces. */
function untyped(page: string, text: string, dense: string): string[] {
  const marks = [...text.matchAll(/<!-- \/(.+?) -->/g)].map(([, mark = '']) => mark);
  const typed = (mark: string) =>
    [`'${page}','${mark}'`, `<!-- ${mark} -->`].some((way) => dense.includes(way.replaceAll(' ', '')));
  return marks.filter((mark) => mark !== 'story output' && !typed(mark));
}

describe('the pages', () => {
  const all = trackedFiles(/\.md$/).map((page) => ({ page, text: textOf(page) }));
  const faults = (of: (page: string, text: string) => string[]) =>
    all.flatMap(({ page, text }) => of(page, text).map((fault) => `${page}: ${fault}`));

  it('are there', () => expect(all.length).toBeGreaterThan(20));

  it('link to nothing that is not there', () => expect(faults(deadLinks)).toEqual([]));

  it('name no test that is not there', () => expect(faults(missingTests)).toEqual([]));

  it('claim nothing for a reader without the test that shows it', () => expect(faults(unshown)).toEqual([]));

  it('have no line to type that no test types', () => {
    const tests = trackedFiles(/^(test|apps)\/.*\.spec\.ts$/).map((file) => textOf(file).replaceAll(/\s/g, ''));
    const dense = tests.join('');
    expect(faults((page, text) => untyped(page, text, dense))).toEqual([]);
    expect(untyped('docs/a.md', '<!-- never -->x<!-- /never -->', '')).toEqual(['never']);
  });

  it('would be caught with a claim that nothing shows, and with none at all', () => {
    const table =
      '| what happens | shown by |\n| - | - |\n| it holds | `a/b.spec.ts` |\n| so does this | everybody knows |';
    expect(unshown('docs/operations/x.md', table)).toEqual(['| so does this | everybody knows |']);
    expect(unshown('docs/getting-started/x.md', 'It just works.')).toEqual(['names no test']);
  });

  it('would be caught with a dead link, a dead anchor, a missing test and a wrong title', () => {
    const page = 'README.md';
    expect(deadLinks(page, '[a](docs/nothing.md) [b](#no-such-heading) [c](docs/glossary.md)')).toHaveLength(2);
    const named =
      '`test/none.spec.ts` and `test/architecture/pages-hold.spec.ts` "is never said" and `test/architecture/pages-hold.spec.ts` "are there"';
    expect(missingTests(page, named)).toHaveLength(2);
  });
});
