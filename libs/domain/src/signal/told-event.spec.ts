import { describe, expect, it } from '@jest/globals';
import { actOf, agreementOf, BUYER, id, key, NOW, VENDOR } from '../../test/a-right.js';
import type { ActTarget } from '../documents/right.js';
import { type OwnSubjects, saidOnward, toldByAct } from './told-event.js';

const login = (person: string, jkt: string, ...rights: string[]) => ({
  idx: 0,
  person: id(person),
  jkt: key(jkt),
  rights,
});
const own: OwnSubjects = {
  organisation: VENDOR,
  logins: (agreement) =>
    agreement === agreementOf().id
      ? [
          login('technician', 'leaf', 'grt_1'),
          login('colleague', 'other', 'grt_1', 'grt_2'),
          login('technician', 'third', 'grt_2'),
        ]
      : [],
  holderOf: (thumbprint) => (thumbprint === 'robot-key' ? { kind: 'machine', id: id('robot-1') } : undefined),
};
const told = (target: object, over: object = {}) =>
  toldByAct(
    actOf({ organisation: VENDOR, verb: 'revoke', target: target as ActTarget, issuedAt: NOW, ...over }),
    own,
  ).map(({ type, subject }) => `${type} ${subject.kind} ${subject.id}`);

describe('what a company tells others of its own subjects', () => {
  it.each<[object, string[]]>([
    [{ kind: 'grant', id: 'grt_1' }, ['session-revoked person technician', 'session-revoked person colleague']],
    [{ kind: 'grant', id: 'grt_2' }, ['session-revoked person colleague', 'session-revoked person technician']],
    [{ kind: 'grant', id: 'grt_9' }, []],
    [
      { kind: 'agreement', id: agreementOf().id },
      ['session-revoked person technician', 'session-revoked person colleague'],
    ],
    [{ kind: 'session', id: 'ses_1' }, ['session-revoked session ses_1']],
    [{ kind: 'person', id: 'technician' }, ['session-revoked person technician']],
    [{ kind: 'machine', id: 'robot-1' }, ['session-revoked machine robot-1']],
    [{ kind: 'key', id: 'leaf' }, ['session-revoked person technician']],
    [{ kind: 'key', id: 'robot-key' }, ['credential-change machine robot-1']],
    [{ kind: 'key', id: 'nobody' }, []],
    [{ kind: 'resource', id: 'press-7' }, []],
  ])('is what %j ends', (target, events) => expect(told(target)).toEqual(events));

  it('is nothing of an act of somebody else, of a narrowing, or of a lifting', () => {
    const target = { kind: 'person', id: 'technician' };
    expect(told(target, { organisation: BUYER })).toEqual([]);
    expect(told({ kind: 'agreement', id: agreementOf().id }, { verb: 'resume' })).toEqual([]);
    expect(told({ kind: 'agreement', id: agreementOf().id }, { verb: 'narrow' })).toEqual([]);
    expect(told({ kind: 'agreement', id: agreementOf().id }, { agreementId: 'agr_other' })).toEqual([]);
  });

  it('is of the provider’s words what the type requires, and no text that somebody wrote', () => {
    const noise = { reason_admin: { en: 'stolen at the trade fair' }, ip: '192.0.2.1', email: 'x@y.example' };
    const status = { current_status: 'not-compliant' };
    expect(saidOnward('device-compliance-change', { ...noise, ...status })).toEqual({
      previous_status: 'compliant',
      ...status,
    });
    const risk = { principal: 'USER', current_level: 'HIGH' };
    expect(saidOnward('risk-level-change', { ...noise, ...risk })).toEqual(risk);
    const level = { namespace: 'NIST-AAL', current_level: 'nist-aal1', change_direction: 'decrease' };
    expect(saidOnward('assurance-level-change', { ...noise, ...level })).toEqual(level);
    const credential = { credential_type: 'fido2-roaming', change_type: 'revoke' };
    expect(saidOnward('credential-change', { ...noise, ...credential, friendly_name: 'my key' })).toEqual(credential);
    expect(saidOnward('risk-level-change', { ...risk, principal: 'x'.repeat(201) })).toEqual({ current_level: 'HIGH' });
    for (const type of ['session-revoked', 'account-disabled', 'account-enabled'] as const)
      expect(saidOnward(type, noise)).toBeUndefined();
  });
});
