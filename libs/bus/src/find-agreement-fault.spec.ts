import { describe, expect, it } from '@jest/globals';
import { aFlow, anAgreement } from '../test/agreements.js';
import type { BusAgreement } from './bus-plan.js';
import { compileBus } from './compile.js';
import { regionKeys } from './region-keys.js';

const keys = regionKeys(Buffer.alloc(32, 6));
const keyOf = (name: string): string => keys.accountKeys(name).publicKey;

describe('an agreement that contradicts itself', () => {
  const one = anAgreement('one');
  it.each<[string, BusAgreement[], string]>([
    ['stands there twice', [one, { ...one, agreementDigest: 'sha256:other' }], 'agreement_named_twice'],
    [
      'names an organisation twice',
      [{ ...one, organisations: ['plant.example', 'plant.example'] }],
      'organisation_named_twice',
    ],
    ['names a flow twice', [{ ...one, flows: [aFlow('a'), aFlow('a')] }], 'flow_named_twice'],
    [
      'lets a stranger publish',
      [{ ...one, organisations: ['vendor.example', 'x.example'] }],
      'flow_publisher_not_party',
    ],
    [
      'lets a stranger read',
      [{ ...one, flows: [aFlow('a', { recipients: ['x.example'] })] }],
      'flow_recipient_not_party',
    ],
    [
      'names a reader twice',
      [{ ...one, flows: [aFlow('a', { recipients: ['vendor.example', 'vendor.example'] })] }],
      'organisation_named_twice',
    ],
    [
      'lets a stranger go on reading',
      [{ ...one, drains: [aFlow('a', { recipients: ['x.example'] })] }],
      'flow_recipient_not_party',
    ],
    ['lets nobody read', [{ ...one, flows: [aFlow('a', { recipients: [] })] }], 'flow_without_recipient'],
    ['has no limit of bytes', [{ ...one, flows: [aFlow('a', { maxBytes: Number.NaN })] }], 'flow_limits_invalid'],
    ['has a limit of no bytes', [{ ...one, flows: [aFlow('a', { maxBytes: 0 })] }], 'flow_limits_invalid'],
    [
      'has a limit of -1, which the server reads as none',
      [{ ...one, flows: [aFlow('a', { maxBytes: -1 })] }],
      'flow_limits_invalid',
    ],
    ['keeps nothing', [{ ...one, flows: [aFlow('a', { retentionSeconds: 0 })] }], 'flow_limits_invalid'],
    [
      'keeps for longer than the server can count',
      [{ ...one, flows: [aFlow('a', { retentionSeconds: 1e10 })] }],
      'flow_limits_invalid',
    ],
    [
      'sums up to more than a number',
      [{ ...one, flows: [aFlow('a', { maxBytes: 2 ** 53 - 1 }), aFlow('b')] }],
      'flow_limits_invalid',
    ],
    ['has a flow without a name', [{ ...one, flows: [aFlow('')] }], 'name_empty'],
    ['has no name', [{ ...one, agreementId: '' }], 'name_empty'],
  ])('%s: it is left out whole, and its neighbour stands', (_why, agreements, code) => {
    const plan = compileBus({ region: 'eu', agreements: [...agreements, anAgreement('neighbour')] }, keyOf);
    expect(plan.refused.map((each) => each.code)).toEqual(agreements.map(() => code));
    expect({ ...plan, refused: [] }).toEqual(
      compileBus({ region: 'eu', agreements: [anAgreement('neighbour')] }, keyOf),
    );
  });
});
