import { code, HEAD, table } from './page-parts.mjs';

export const REFUSAL_SOURCES = [
  'libs/contracts/src/refusals-of-documents.ts',
  'libs/contracts/src/refusals-of-agreements.ts',
  'libs/contracts/src/refusals-of-rights.ts',
  'libs/contracts/src/refusals-of-embargo.ts',
  'libs/contracts/src/refusals-at-doors.ts',
  'libs/contracts/src/refusals-of-logs.ts',
];
const COLUMNS = ['code', 'status', 'what it means', 'who can mend it', 'what to do'];

/** Every refusal, in the order of the table's sources, grouped by its headings. */
export function refusalsPage({ REFUSALS: refusals, FAULTS, explanationOf }, source) {
  const at = (name) => source.search(new RegExp(`^ {2}${name}: \\{`, 'm'));
  const headings = [...source.matchAll(/^ {2}\/\/ (.+)$/gm)].map(({ 1: title, index }) => ({ title, index }));
  const rowOf = (name) => {
    const { status, means, whoCanMend, whatToDo } = explanationOf(name);
    return [code(name), status, means, whoCanMend, whatToDo];
  };
  const rowsOf = (from, to) =>
    Object.keys(refusals)
      .filter((name) => at(name) > from && at(name) < to)
      .map(rowOf);
  const parts = headings.map(({ title, index }, nth) => {
    const rows = rowsOf(index, headings[nth + 1]?.index ?? source.length);
    return { rows, text: `## ${title}\n\n${table(COLUMNS, rows)}` };
  });
  const listed = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  if (listed !== Object.keys(refusals).length) throw new Error('a refusal stands under no heading of refusals.ts');
  return `${HEAD}# Refusals

A refusal is a "no" with a code: an answer and evidence, not a fault. Over HTTP it is a problem document (RFC 9457) with this status and code;
its \`type\` is the address of the code's own page, \`/errors/CODE\` at the broker or the company's agent, whoever answered. \`clause\` may name
where. "No such thing" and "not yours" are one answer. \`interlock explain CODE\` says the same at a terminal.

${parts.map(({ text }) => text).join('\n\n')}

## what is said before any rule was asked

${table(COLUMNS, Object.keys(FAULTS).map(rowOf))}
`;
}
