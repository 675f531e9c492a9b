import type { Clock, Ids, News, Requests } from '@interlock/chassis';
import type { OrganisationId } from '@interlock/domain';
import { aCompany, NOW } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { KnownKeys } from './known-keys.js';

const MOST = 10_000;

describe('the published keys that one replica remembers', () => {
  it('are of so many organisations at most, so that names nobody has fill no memory', async () => {
    const company = await aCompany('delta-foods.example', NOW);
    const { organisation, pin, entity } = company;
    const asked: OrganisationId[] = [];
    const registry = {
      ask: async (_request: unknown, ask: { organisation: OrganisationId }) => {
        asked.push(ask.organisation);
        const keys = { entities: [entity], certificates: [], root: pin, revoked: [] };
        return { keys: ask.organisation === organisation ? keys : null };
      },
    };
    const clock = { now: () => NOW, monotonic: () => 0 };
    const ids = { next: () => 'idk' };
    const keys = new KnownKeys(
      registry as unknown as Requests,
      { hear: () => () => undefined } as unknown as News,
      clock as unknown as Clock,
      ids as unknown as Ids,
    );
    expect(await keys.of(organisation)).toMatchObject({ root: pin });
    for (let n = 1; n < MOST; n += 1) await keys.of(`stranger-${n}.example` as OrganisationId);
    expect(asked).toHaveLength(MOST);
    // Everything is remembered so far, and one name more makes it forget: who is forgotten is asked for again.
    await keys.of(organisation);
    await keys.of('stranger-1.example' as OrganisationId);
    expect(asked).toHaveLength(MOST);
    await keys.of('one-too-many.example' as OrganisationId);
    expect(await keys.of(organisation)).toMatchObject({ root: pin });
    expect(asked).toHaveLength(MOST + 2);
  });
});
