import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allow, type HeldAct, type Instant, refuse } from '@interlock/domain';
import { aRight } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { aFolder, quiet } from '../../test/two-sides.js';
import type { Said } from '../evidence/gateway-record.js';
import { eraseEnded, nameFlow } from './erase-ended.js';

const { agreement } = await aRight();
const retrieval = { type: 'notice', terminateSeconds: 0, retrievalSeconds: 3_600 } as const;
const ending = { ...agreement, terms: [...agreement.terms, retrieval] };
const OVER = agreement.endsAt + 3_600_000;

function aFlow(folder: string, name = 'grt_over') {
  const place = join(folder, name);
  mkdirSync(join(place, 'held'), { recursive: true });
  for (const file of ['000000000000.sealed', '000000000001.sealed', 'seen.log', 'held/one.json'])
    writeFileSync(join(place, file), 'x');
  return place;
}

function look(folder: string, now: Instant, over: { ahead?: boolean; full?: boolean; live?: string } = {}) {
  const noted: Said[] = [];
  const done = eraseEnded(
    {
      ...{ folder, log: quiet, clock: { now: () => now, runsAhead: () => over.ahead ?? false } },
      book: {
        note: async (_log, _chain, said) => {
          noted.push(said);
          return over.full ? refuse('evidence_unavailable') : allow(true);
        },
      },
      keeper: { agreements: new Map([[agreement.id, { agreement: ending, acts: new Map<never, HeldAct>() }]]) },
    },
    new Set(over.live === undefined ? [] : [over.live]),
  );
  return done.then(() => noted);
}

describe('what lies at a gateway of a flow', () => {
  it('is gone once its agreement has ended and retrieval is over, and the record says how much it was', async () => {
    using folder = aFolder();
    const place = aFlow(folder.path);
    nameFlow(place, agreement.id);
    expect(await look(folder.path, OVER - 1)).toEqual([]);
    const [said] = await look(folder.path, OVER);
    expect(said).toMatchObject({
      kind: 'data.erased',
      outcome: 'change',
      session: 'grt_over',
      count: 2,
      code: 'ended',
    });
    expect(existsSync(place)).toBe(false);
    expect(await look(folder.path, OVER)).toEqual([]);
  });

  it('stays where the flow runs, the clock may have been set forward, nobody can record it, or the agreement is not known', async () => {
    using folder = aFolder();
    const [place, unnamed] = [aFlow(folder.path), aFlow(folder.path, 'grt_unnamed')];
    nameFlow(place, agreement.id);
    for (const over of [{ live: 'grt_over' }, { ahead: true }, { full: true }]) await look(folder.path, OVER, over);
    expect(existsSync(place)).toBe(true);
    await look(folder.path, OVER);
    expect([existsSync(place), existsSync(unnamed)]).toEqual([false, true]);
  });
});
