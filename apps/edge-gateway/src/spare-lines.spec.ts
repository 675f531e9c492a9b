import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { aFolder } from '../test/two-sides.js';
import { appendLines } from './lines-on-disk.js';
import { spareLines } from './spare-lines.js';

const SPARE = 4_096;

/** A disk of so many bytes, of which others use some. */
function aDisk(folder: string, size: number) {
  const disk = { usedByOthers: 0 };
  const used = () =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, disk.usedByOthers);
  const append: typeof appendLines = (file, lines) =>
    used() + lines.join('').length + 2 * lines.length <= size && appendLines(file, lines);
  return { disk, append };
}

describe('lines for which space is kept', () => {
  it('are taken by a disk that others have filled, and are there after a restart', () => {
    using folder = aFolder();
    const file = join(folder.path, 'acts.ndjson');
    const { disk, append } = aDisk(folder.path, 100_000);
    const keep = spareLines(file, SPARE, append);
    disk.usedByOthers = 100_000 - SPARE;
    expect(append(file, ['nothing fits any more'])).toBe(false);
    expect(keep(['a cut'])).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('a cut\n');
    // Started anew on the full disk it still says what it holds, and what no longer fits it says too.
    const again = spareLines(file, SPARE, append);
    expect(again(['x'.repeat(SPARE)])).toBe(false);
    expect(readFileSync(file, 'utf8')).toContain('a cut\n');
  });

  it('have their space again when there is some', () => {
    using folder = aFolder();
    const file = join(folder.path, 'acts.ndjson');
    const { disk, append } = aDisk(folder.path, 100_000);
    const keep = spareLines(file, SPARE, append);
    disk.usedByOthers = 100_000 - SPARE;
    keep(['first']);
    expect(readdirSync(folder.path)).toEqual(['acts.ndjson']);
    disk.usedByOthers = 0;
    keep(['second']);
    expect(statSync(`${file}.reserve`).size).toBe(SPARE);
    disk.usedByOthers = 100_000 - SPARE;
    expect(keep(['third'])).toBe(true);
  });
});
