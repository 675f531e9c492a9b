import { describe, expect, it } from '@jest/globals';
import type { OrganisationId } from '../names.js';
import { mayErase } from './keeping.js';

const kept = { since: 1_000, retentionSeconds: 60, heldBy: [] };

describe('what a record tells of persons', () => {
  it('may be erased once the retention that both signed is over, and not a moment before', () => {
    expect(mayErase(kept, 60_999)).toMatchObject({ refusal: { code: 'retention_runs' } });
    expect(mayErase(kept, 61_000)).toMatchObject({ allowed: true });
  });

  it('is kept where the agreement says nothing of it', () => {
    expect(mayErase({ ...kept, retentionSeconds: null }, 1e15)).toMatchObject({ refusal: { code: 'retention_runs' } });
  });

  it('is kept while one company holds it, whatever the rule says', () => {
    const heldBy = ['alpine-presses.example' as OrganisationId];
    expect(mayErase({ ...kept, heldBy }, 1e15)).toMatchObject({ refusal: { code: 'on_hold' } });
  });
});
