import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from '@interlock/contracts';
import { describe, expect, it } from '@jest/globals';
import { ROOT, textOf } from './repository.js';

// Plain JavaScript, like every tool that runs before a build.
const GENERATOR = '../../tools/generate-pages.mjs';
const { generatePages, routesOf, termsPage } = (await import(GENERATOR)) as {
  generatePages: () => Promise<Record<string, string>>;
  termsPage: (terms: object, textOf: (file: string) => string | undefined) => string;
  routesOf: (source: { file: string; text: string }) => { route: string; actors: string[] }[];
};

const REFUSALS_PAGE = '../../tools/refusals-page.mjs';
const { refusalsPage } = (await import(REFUSALS_PAGE)) as {
  refusalsPage: (contracts: object, source: string) => string;
};

const WORDS = '../../tools/term-words.mjs';
const { wordsTable } = (await import(WORDS)) as {
  wordsTable: (text: string, caseOf: (type: string) => object) => string;
};

const pages = await generatePages();
const glossary = textOf('docs/glossary.md');
const lines = glossary.split('\n').filter((line) => /^\| (?!word |---)/.test(line));
const words = lines.map((line) => line.split('|')[1]?.trim() ?? '');

describe('pages made from the code', () => {
  it.each(Object.keys(pages))('%s is fresh (else: npm run build && node tools/generate-pages.mjs)', (file) => {
    expect(textOf(file)).toBe(pages[file]);
  });

  it('a route that does not say who may call it is found where it is planted', () => {
    const route = (access: string) => ({
      file: 'x.controller.ts',
      text: `@Controller('v1')\nclass X {\n  @Get('open')\n  ${access}\n  open() {}\n}`,
    });
    expect(routesOf(route("@Access({ actor: 'agent' })"))).toMatchObject([
      { route: 'GET /v1/open', actors: ['agent'] },
    ]);
    expect(() => routesOf(route(''))).toThrow('GET /v1/open has no access row');
  });

  it('a refusal that no heading covers is found where it is planted', () => {
    const contracts = { REFUSALS: { a: {} }, FAULTS: {}, explanationOf: () => ({ status: 403, means: 'no' }) };
    expect(refusalsPage(contracts, '{\n  // heading\n  a: {}')).toMatch(/\| `a` +\| 403 +\| no +\|/);
    expect(() => refusalsPage(contracts, '{\n  a: {}\n  // heading\n')).toThrow('no heading');
  });
});

describe('the page of terms', () => {
  const term = {
    meaning: 'means',
    evaluator: 'decide',
    points: ['gateway'],
    order: { a: 'less' },
    added: 'wider',
    removed: 'narrower',
  };
  const cases = "export const x = {\n  permits: 'this',\n  refuses: 'that',\n  code: 'no',\n};";
  const page = (over: object, text: string | undefined) =>
    termsPage({ x: { ...term, ...over } }, (file) =>
      file.endsWith('/words.ts')
        ? 'export const WORDS = {\n  x,\n};'
        : file.startsWith('libs/')
          ? file.endsWith('gone.ts')
            ? undefined
            : ''
          : text,
    );

  it('shows a term with all its cells', () => {
    expect(page({}, cases)).toMatch(/- permits: this\n- refuses: that \(`no`\)/);
  });

  it.each([
    ['an evaluator', { evaluator: 'gone' }, cases],
    ['whoever evaluates it', { points: [] }, cases],
    ['a meaning', { meaning: '' }, cases],
    ['cases', {}, undefined],
    ['a case that permits', {}, cases.replace('permits', 'lets')],
    ['a case that refuses', {}, cases.replace('refuses', 'stops')],
    ['a code', {}, cases.replace('code', 'mode')],
  ])('is not made for a term without %s', (_, over, text) => {
    expect(() => page(over, text)).toThrow('the term x');
  });
});

/** Every word by which the registry of agreements says what can be agreed, as far as a gateway decides by it. */
const AGREED = [
  'parties, third parties, sites, zones, machines, services, selectors, minimum of approvals, offline mode of a class, purposes',
  'approver groups, four eyes, ticket pattern, windows, working time, presence, machine states, file transfer',
  'data products, purposes of data, recipients, regions, region endpoints, storage with jurisdiction',
  'transit with jurisdiction, access with jurisdiction, inspection, transfer mechanism, embargo issuers',
  'which side has an embargo issuer, decision point, which side has a decision point, delegation limits, offline mode, lease',
  're-login interval, sessions per grant, skew budgets, safety notice, custody, cosigning, silent witness, notice, termination',
].flatMap((line) => line.split(', '));

describe('the words of the page of terms', () => {
  const page = textOf('docs/terms.md');

  it.each(AGREED)('show what "%s" permits and refuses at a gateway', (word) => {
    expect(page).toMatch(new RegExp(`^\\| ${word} +\\| [^|]{9,}\\| [^|]{9,}\\| `, 'm'));
  });

  it('are not made with a cell missing', () => {
    const own = "export const WORDS = {\n  x: {\n    permits: 'this',\n    refuses: 'that',\n    code: 'no',\n  },\n};";
    expect(wordsTable(own, () => ({}))).toMatch(/\| x +\| this +\| that +\| `no` +\|/);
    for (const cell of ['permits', 'refuses', 'code'])
      expect(() => wordsTable(own.replace(cell, 'x'), () => ({}))).toThrow('the word x');
    expect(() => wordsTable('export const WORDS = {\n  x,\n};', () => ({}))).toThrow('the word x');
  });
});

describe('the glossary', () => {
  it('has each word once', () => {
    expect(words.length).toBeGreaterThan(30);
    expect([...new Set(words)]).toEqual(words);
  });

  it('names places that exist', () => {
    const places = [...glossary.matchAll(/`((?:apps|libs|test|docs)\/[^`]+)`/g)].map((match) => match[1] ?? '');
    expect(places.length).toBeGreaterThan(30);
    expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
  });

  it('has a line for every kind of document', () => {
    const kinds = Object.keys(DOCUMENTS).map((kind) =>
      kind === 'entity' ? 'entity document' : kind.replace('-', ' '),
    );
    expect(kinds.filter((kind) => !words.includes(kind))).toEqual([]);
  });

  it('has a line for what every event is about', () => {
    const nouns = [...(pages['docs/events.md'] ?? '').matchAll(/^\| `([a-z-]+)\./gm)].map((match) => match[1] ?? '');
    expect(nouns.length).toBeGreaterThan(5);
    expect(nouns.filter((noun) => !words.includes(noun))).toEqual([]);
  });
});
