import { describe, expect, it } from '@jest/globals';
import { BUYER, digest, id, NOW, VENDOR } from '../../test/a-right.js';
import type { Agreement, OfflineTerm } from '../documents/agreement.js';
import type { ActivationReview, HeldAnnex } from '../documents/annex.js';
import { type EvidenceRecord, evidenceOf } from '../evidence/record.js';
import type { AgreementId, SessionId } from '../names.js';
import { reviewDue, reviewOf, reviewsOwed } from './activation-reviews.js';

const [agreementId, session] = [
  'agr_0123456789abcdefghjkmnpqrs' as AgreementId,
  'ses_0123456789abcdefghjkmnpqrs' as SessionId,
];
const record = (over: Partial<EvidenceRecord> = {}): EvidenceRecord =>
  evidenceOf('gateway', 'evd_1', {
    ...{ log: agreementId, kind: 'session.activated', outcome: 'allow', at: NOW, session },
    ...{ resource: { owner: BUYER, id: id('press-7') }, documents: [digest('receipt'), digest('activation')] },
    ...{ reason: 'shift-lead: the press stands', ...over },
  });
const review = (over: Partial<ActivationReview> = {}): HeldAnnex => ({
  annex: {
    ...{ typ: 'activation-review', v: 1, organisation: BUYER, agreementId, session, activation: digest('activation') },
    ...{ activatedBy: id('shift-lead'), reviewer: id('plant-engineer'), finding: 'in-order', statement: 'seen' },
    ...{ issuedAt: NOW + 1, ...over },
  } as ActivationReview,
  digest: digest('review'),
  signers: [BUYER],
});
const counts = (over: Partial<ActivationReview> = {}, of: Partial<EvidenceRecord> = {}) =>
  reviewOf(record(of), [review(over)]) !== undefined;

const agreed = (...terms: readonly Partial<OfflineTerm>[]): Agreement =>
  ({
    resources: [{ owner: BUYER, id: id('press-7'), class: 'critical', services: [] }],
    terms: terms.map((term) => ({ type: 'offline', kind: 'remote-service', mode: 'local', leaseSeconds: 60, ...term })),
  }) as unknown as Agreement;

describe('a review that is owed', () => {
  const asked = agreed(
    { class: 'critical', reviewWithinSeconds: 3_600 },
    { class: 'standard', reviewWithinSeconds: 60 },
  );

  it('is due within the time of its class of resource, and without one where the agreement sets none', () => {
    expect(reviewDue(asked, record())).toBe(NOW + 3_600_000);
    expect(reviewDue(agreed({ class: 'critical' }), record())).toBeNull();
    expect(reviewDue(agreed({ class: 'critical', mode: 'static', reviewWithinSeconds: 60 }), record())).toBeNull();
    // What the agreement names no more is held to the shortest time in it.
    expect(reviewDue(asked, record({ resource: { owner: BUYER, id: id('press-9') } }))).toBe(NOW + 60_000);
  });

  it('is owed until somebody has looked, the first due first', () => {
    const [early, late] = [record({ session: 'ses_early', at: NOW - 5 }), record({ session: 'ses_late' })];
    const owed = (annexes: readonly HeldAnnex[]) =>
      reviewsOwed(asked, [late, record(), early], annexes).map((one) => one.record.session);
    expect(owed([review()])).toEqual(['ses_early', 'ses_late']);
    expect(owed([review({ reviewer: id('shift-lead') })])).toHaveLength(3);
    expect(owed([])[0]).toBe('ses_early');
  });
});

describe('a review of what was activated at a gateway', () => {
  it('is there once another person of the owner has looked', () => {
    expect(reviewOf(record(), [])).toBeUndefined();
    expect(counts()).toBe(true);
    expect(counts({ finding: 'not-in-order' })).toBe(true);
  });

  it.each<[string, Partial<ActivationReview>]>([
    ['the other company', { organisation: VENDOR }],
    ['another session', { session: 'ses_zzzzzzzzzzzzzzzzzzzzzzzzzz' as SessionId }],
    ['another activation', { activation: digest('another') }],
    ['the one who activated it', { reviewer: id('shift-lead') }],
    ['one who names somebody else as him', { activatedBy: id('somebody'), reviewer: id('shift-lead') }],
    ['a time before it', { issuedAt: NOW - 1 }],
  ])('is none of %s', (_, over) => expect(counts(over)).toBe(false));

  it('is shown to the other company too, which does not see who activated it', () => {
    const { reason: _kept, ...seen } = record();
    expect(reviewOf(seen, [review()])).toBeDefined();
  });
});
