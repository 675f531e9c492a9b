import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './repository.js';

const UNSEARCHED = new Set(['node_modules', 'dist', '.nx', '.git', '.interlock', 'coverage']);

function specsOnDisk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (UNSEARCHED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return specsOnDisk(path);
    return /\.(spec|test)\.[cm]?tsx?$/.test(entry.name) ? [relative(ROOT, path)] : [];
  });
}

describe('every test runs', () => {
  it('the specifications on disk are those that Jest lists', () => {
    const listed = execFileSync(
      process.execPath,
      [join(ROOT, 'node_modules/jest/bin/jest.js'), '--listTests', '--json'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' },
      },
    );
    const files = (JSON.parse(listed) as string[]).map((file) => relative(ROOT, file));
    expect(files.toSorted()).toEqual(specsOnDisk(ROOT).toSorted());
  }, 60_000);

  it.each(['--help', '-h'])('%s says how they are run, and runs none', (option) => {
    const said = execFileSync(process.execPath, [join(ROOT, 'tools/test.mjs'), option], { encoding: 'utf8' });
    expect(said).toMatch(/^Usage: npm test/);
    expect(said).not.toMatch(/\d+ passed/);
  });
});
