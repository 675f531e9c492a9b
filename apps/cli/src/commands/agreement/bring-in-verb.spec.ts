import type { LocalId, OrganisationId, Party } from '@interlock/domain';
import { anAgreement, aPartnership, BUYER, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { withThirdParty } from './bring-in-verb.js';

const INTEGRATOR = 'integrator.example' as OrganisationId;
const draft = anAgreement(await aPartnership());
const party: Party = { ...draft.parties[0]!, organisation: INTEGRATOR, role: 'third-party' };
const flags = {
  broughtBy: VENDOR,
  profile: ['remote-service'] as const,
  resource: [{ owner: BUYER, id: 'press-7' as LocalId }],
  actions: ['ssh' as LocalId],
  purposes: ['repair' as LocalId],
  longestWindow: 3_600,
};

describe('bringing a third party into a draft', () => {
  it('adds the party and the term that says who brought it in and what for', () => {
    expect(withThirdParty(draft, party, flags)).toMatchObject({
      allowed: true,
      value: {
        parties: [{}, {}, party],
        terms: expect.arrayContaining([expect.objectContaining({ type: 'third-party', broughtBy: VENDOR })]),
      },
    });
  });

  it('is refused before anybody signs where the draft would contradict itself', () => {
    const refused = { refusal: { code: 'agreement_incoherent', clause: 'third-party' } };
    expect(withThirdParty(draft, party, { ...flags, broughtBy: INTEGRATOR })).toMatchObject(refused);
    expect(
      withThirdParty(draft, party, { ...flags, resource: [{ owner: BUYER, id: 'press-8' as LocalId }] }),
    ).toMatchObject(refused);
  });
});
