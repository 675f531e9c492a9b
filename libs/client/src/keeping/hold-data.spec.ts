import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HeldAct } from '@interlock/domain';
import { anAgreement, aPartnership, NOW } from '@interlock/testkit/builders';
import { expect, it } from '@jest/globals';
import { keepingJournal } from './hold-data.js';

it('what was promised for a store is never less than it was: an end that is left out the next time still counts', async () => {
  const store = mkdtempSync(join(tmpdir(), 'interlock-keeping-'));
  try {
    const agreement = anAgreement(await aPartnership(NOW));
    const end = (name: string) => ({ digest: `sha256:${name.repeat(43)}` }) as HeldAct;
    const endsAfter = (...ends: readonly HeldAct[]) =>
      keepingJournal(store)
        .newest(agreement, ends)
        .ends.map(({ digest }) => digest);
    const [first, second] = [end('A'), end('Q')];
    expect(endsAfter(first)).toEqual([first.digest]);
    expect(endsAfter(second)).toEqual([first.digest, second.digest]);
    expect(endsAfter()).toEqual([first.digest, second.digest]);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
});
