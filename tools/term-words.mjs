// The words by which terms are spoken of, with what each permits and refuses at the gateway, read from the cases themselves.
import { code, table } from './page-parts.mjs';

const said = (text, member) => new RegExp(`^ +${member}:\\s*'([^']+)'`, 'm').exec(text)?.[1];
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The table of words in the source `text`; `caseOf` reads the case of a term. A word without both cells is an error. */
export function wordsTable(text, caseOf) {
  const list = text.slice(text.indexOf('export const WORDS = {'));
  const own = [...list.matchAll(/^ {2}(?:'([^']+)'|(\w+)): \{$([\s\S]*?)^ {2}\},$/gm)];
  const shared = [...list.matchAll(/^ {2}(?:'([^']+)': (\w+)|(\w+): (\w+)|(\w+)),$/gm)];
  const rows = [
    ...own.map(([, quoted, plain, body]) => [
      quoted ?? plain,
      said(body, 'permits'),
      said(body, 'refuses'),
      said(body, 'code'),
    ]),
    ...shared.map(([, quoted, of, plain, ofPlain, alone]) => {
      const { permits, refuses, refusal } = caseOf(kebab(of ?? ofPlain ?? alone));
      return [quoted ?? plain ?? alone, permits, refuses, refusal];
    }),
  ];
  const empty = rows.find((row) => row.some((cell) => !cell));
  if (empty || rows.length === 0)
    throw new Error(`the word ${empty?.[0]} has no case that permits and one that refuses`);
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ['word', 'permits', 'refuses', 'refusal'],
    rows.map(([word, permits, refuses, refusal]) => [word, permits, refuses, code(refusal)]),
  );
}
