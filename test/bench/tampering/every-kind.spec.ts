import { DOCUMENTS } from '@interlock/contracts';
import { describe, expect, it } from '@jest/globals';
import { EVERY_KIND } from './every-kind.js';
import { aWorld } from './make-target.js';

describe('the torture that tampers', () => {
  it('has an honest document of every kind there is, and takes it', async () => {
    expect(Object.keys(EVERY_KIND).sort()).toEqual(Object.keys(DOCUMENTS).sort());
    const world = await aWorld();
    for (const [kind, make] of Object.entries(EVERY_KIND))
      for (const { real, verify } of await make(world)) {
        expect(real.document.typ).toBe(kind);
        expect(await verify(real)).toMatchObject({ allowed: true });
      }
  });
});
