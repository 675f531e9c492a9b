import { describe, expect, it } from '@jest/globals';
import { agreementOf, swapRoles } from '../test/a-right.js';

swapRoles();

describe('a right whose owner and approvers are the vendor’s, and whose subject is the buyer’s', () => {
  it('stands under an agreement in which both changed sides', () => {
    expect(agreementOf().parties.map(({ role }) => role)).toEqual(['buyer', 'vendor']);
  });
});

// Every scenario of a right a second time. They register their own tests, under the roles as they stand here.
await import('./act/standing.spec.js');
await import('./act/take-away.spec.js');
await import('./decide.spec.js');
await import('./grant/covered.spec.js');
await import('./grant/delegated.spec.js');
await import('./grant/deputies.spec.js');
await import('./grant/dormant.spec.js');
await import('./grant/reach.spec.js');
await import('./grant/recurrence.spec.js');
await import('./grant/standing-approval.spec.js');
await import('./grant/time-limits.spec.js');
await import('./session/ends.spec.js');
await import('./session/limits.spec.js');
await import('./signal/signals.spec.js');
