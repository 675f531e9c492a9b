// What every generated page is made of.
export const HEAD = '<!-- Made by tools/generate-pages.mjs from the code; do not edit. -->\n\n';

/** A table as the formatter of the repository would lay it out: every column as wide as its widest cell. */
export const table = (columns, rows) => {
  const cells = [columns, ...rows].map((row) => row.map(String));
  const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => row[at].length)));
  const line = (row) => `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const [head, ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
};
export const code = (text) => `\`${text}\``;
export const codes = (all) =>
  all.length === 0
    ? 'nobody'
    : [...new Set(all)]
        .sort((a, b) => (a < b ? -1 : 1))
        .map(code)
        .join(', ');
