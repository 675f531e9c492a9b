import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_EVENTS, type AccountEventType, type Consequence, consequenceOf, saidLater } from './account-event.js';

const nothing = { endsSessions: false };
const again = { endsSessions: true };
const fact = (name: string, sound: boolean) => ({ endsSessions: !sound, fact: { name, sound } }) as Consequence;

describe('what a company’s own provider says of an account', () => {
  it.each<[AccountEventType, object, Consequence | undefined]>([
    ['session-revoked', {}, again],
    ['credential-change', { credential_type: 'x509', change_type: 'revoke' }, again],
    ['credential-change', { credential_type: 'fido2-roaming', change_type: 'delete' }, again],
    ['credential-change', { credential_type: 'password', change_type: 'create' }, nothing],
    ['credential-change', { credential_type: 'password', change_type: 'update' }, nothing],
    ['credential-change', { credential_type: 'password', change_type: 'renamed' }, undefined],
    ['credential-change', { change_type: 'revoke' }, undefined],
    ['device-compliance-change', { current_status: 'not-compliant' }, fact('device', false)],
    ['device-compliance-change', { current_status: 'compliant' }, fact('device', true)],
    ['device-compliance-change', { current_status: 'mostly' }, undefined],
    [
      'assurance-level-change',
      { namespace: 'NIST-AAL', current_level: 'nist-aal1', change_direction: 'decrease' },
      again,
    ],
    ['assurance-level-change', { namespace: 'NIST-AAL', current_level: 'nist-aal2' }, again],
    [
      'assurance-level-change',
      { namespace: 'NIST-AAL', current_level: 'nist-aal2', change_direction: 'increase' },
      nothing,
    ],
    ['assurance-level-change', { current_level: 'nist-aal2', change_direction: 'increase' }, undefined],
    ['assurance-level-change', { namespace: 'NIST-AAL', current_level: '', change_direction: 'increase' }, undefined],
    ['risk-level-change', { principal: 'USER', current_level: 'HIGH' }, fact('risk', false)],
    ['risk-level-change', { principal: 'USER', current_level: 'MEDIUM' }, fact('risk', true)],
    ['risk-level-change', { principal: 'USER', current_level: 'LOW' }, fact('risk', true)],
    ['risk-level-change', { principal: 'USER', current_level: 'high' }, undefined],
    ['risk-level-change', { current_level: 'LOW' }, undefined],
    ['account-disabled', {}, fact('account', false)],
    ['account-enabled', {}, fact('account', true)],
  ])('%s %j', (type, says, consequence) => expect(consequenceOf(type, says as never)).toEqual(consequence));

  it('counts by when it was so, not by when it came, and of one instant the no', () => {
    expect(ACCOUNT_EVENTS).toHaveLength(7);
    expect(saidLater({ sound: true, at: 2 }, undefined)).toBe(true);
    expect(saidLater({ sound: true, at: 2 }, { sound: false, at: 1 })).toBe(true);
    expect(saidLater({ sound: true, at: 1 }, { sound: false, at: 2 })).toBe(false);
    expect(saidLater({ sound: false, at: 2 }, { sound: true, at: 2 })).toBe(true);
    expect(saidLater({ sound: true, at: 2 }, { sound: false, at: 2 })).toBe(false);
  });
});
