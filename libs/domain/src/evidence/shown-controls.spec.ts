import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CONTROLS } from '../annex/controls.js';
import { CONTROLS_SHOWN_ELSEWHERE, SHOWN_CONTROLS } from './shown-controls.js';

/** The file and the beginning of the title that a test is named by. */
function isThere(test: string): boolean {
  const [file = '', title = ''] = test.split(': ');
  const path = join(process.cwd(), file);
  return existsSync(path) && readFileSync(path, 'utf8').includes(`it('${title}`);
}

describe('the controls that are shown', () => {
  it('each name tests that are there', () => {
    const missing = SHOWN_CONTROLS.flatMap(({ id, tests }) =>
      tests.filter((test) => !isThere(test)).map((one) => [id, one]),
    );
    expect(missing).toEqual([]);
    expect(SHOWN_CONTROLS.filter(({ tests }) => tests.length === 0)).toEqual([]);
    expect(isThere('libs/domain/src/decide.spec.ts: allows everything')).toBe(false);
  });

  it('are each of a profile or of a law, once, and the rest of the profiles is named as shown elsewhere', () => {
    const ids = SHOWN_CONTROLS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const ofProfiles = ids.filter((id) => !/^(nis2|data-act)\//.test(id));
    expect([...ofProfiles, ...CONTROLS_SHOWN_ELSEWHERE].sort()).toEqual(CONTROLS.map(({ id }) => String(id)).sort());
  });
});
