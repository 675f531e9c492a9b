import { describe, expect, it } from '@jest/globals';
import { comesBack } from './comes-back.js';

describe('what is collected for a flow that may not run now', () => {
  it.each([
    ...['lease_over', 'offline_closed', 'witness_silent', 'embargo_unknown', 'decision_point_unknown'],
    ...['signal_unknown', 'signal_turned', 'lockout', 'clock_ahead', 'evidence_unavailable'],
  ])('waits where the right stands and %s passes', (code) => expect(comesBack(code)).toBe(true));

  it.each([
    ...[
      'taken_away',
      'narrowed',
      'window_over',
      'outside_window',
      'outside_hours',
      'embargo_blocked',
      'agreement_over',
    ],
    ...['decision_point_denied', 'organisation_revoked', 'approvals_missing', 'grant_of_other_agreement', 'anything'],
  ])('is given up at %s', (code) => expect(comesBack(code)).toBe(false));
});
