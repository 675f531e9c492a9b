import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../trial/interlock-up.js';

/** The lines of the first code block between `<!-- mark -->` and `<!-- /mark -->` of a page, as a reader would copy them. */
export function linesOf(page: string, mark: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const [begin, end] = [text.indexOf(`<!-- ${mark} -->`), text.indexOf(`<!-- /${mark} -->`)];
  const block = /```[a-z]*\n([\s\S]*?)```/.exec(text.slice(begin, end))?.[1];
  if (begin < 0 || end < begin || block === undefined) throw new Error(`${page} has no block "${mark}"`);
  return block.split('\n').filter((line) => line !== '');
}
