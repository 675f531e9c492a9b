import { anAgreement, aPartnership, swapRoles } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';

swapRoles();

describe('a right whose owner and approvers are the vendor’s, and whose subject is the buyer’s', () => {
  it('stands under an agreement in which both changed sides', async () => {
    expect(anAgreement(await aPartnership()).parties.map(({ role }) => role)).toEqual(['buyer', 'vendor']);
  });
});

// Every scenario of a right a second time. They register their own tests, under the roles as they stand here.
await import('./approvals.spec.js');
await import('./machine-identity.spec.js');
await import('./session/working-time.spec.js');
await import('./standing-approval.spec.js');
await import('./terms.spec.js');
