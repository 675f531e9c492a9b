import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  chainOf,
  dataCollection,
  digest,
  id,
  narrowed,
  OTHER,
  offline,
  press7,
  region,
  remoteService,
  VENDOR,
} from '../../test/a-right.js';
import { press8, said, service, twoMachines as two } from '../../test/two-machines.js';
import type { Term } from '../documents/agreement.js';
import type { Narrowing } from '../documents/right.js';
import { leftFor, narrowedVersions, narrowestReading, narrowingFault } from './narrowing.js';
import type { HeldAct } from './standing.js';

const narrowing = (strike: Partial<Narrowing['strike']>, instead: Partial<Narrowing['instead']> = {}): Narrowing => ({
  version: digest('agreement'),
  strike: { resources: [], clauses: [], ...strike },
  instead: { resources: [], terms: [], ...instead },
});

describe('one side alone does not', () => {
  it.each<[string, Narrowing, string]>([
    [
      'strike what is not there',
      narrowing({ resources: [{ owner: VENDOR, id: id('press-7') }] }),
      'resource alpine-presses.example/press-7',
    ],
    ['strike a clause that is not there', narrowing({ clauses: ['machine-to-machine'] }), 'term machine-to-machine'],
    ['change nothing', narrowing({}, { terms: [service] }), 'nothing'],
    [
      'strike and write the same',
      narrowing({ clauses: ['remote-service'] }, { terms: [service] }),
      'term remote-service',
    ],
    [
      'write one clause twice',
      narrowing({}, { terms: [said({ purposes: [] }), said({ purposes: [id('repair')] })] }),
      'term remote-service',
    ],
    [
      'add a machine',
      narrowing({}, { resources: [{ owner: BUYER, id: id('press-9'), class: 'standard', services: [] }] }),
      'resource delta-foods.example/press-9',
    ],
    [
      'make a machine of another class',
      narrowing({}, { resources: [{ ...press7, class: 'critical', services: [] }] }),
      'resource delta-foods.example/press-7',
    ],
    [
      'add a purpose',
      narrowing({}, { terms: [said({ purposes: [id('repair'), id('sale')] })] }),
      'term remote-service',
    ],
    [
      'strike a duty with the data',
      narrowing({ clauses: ['data-collection telemetry delta-foods.example/press-7'] }),
      'term data-collection telemetry delta-foods.example/press-7',
    ],
    [
      'shorten what is kept',
      narrowing({}, { terms: [said({ retentionSeconds: 0 }, dataCollection)] }),
      'term data-collection telemetry delta-foods.example/press-7',
    ],
    [
      'shorten a lease',
      narrowing({}, { terms: [said({ leaseSeconds: 1 }, offline)] }),
      'term offline remote-service standard',
    ],
    [
      'narrow what only the version itself says',
      narrowing(
        {},
        {
          terms: [
            { type: 'time-limits', kind: 'remote-service', bookingSeconds: 1, approvalSeconds: 1, workingSeconds: 1 },
          ],
        },
      ),
      'term time-limits remote-service',
    ],
    [
      'ask a stranger for verdicts',
      narrowing({}, { terms: [{ type: 'embargo', party: OTHER, issuers: [], maxAgeSeconds: 1 }] }),
      'embargo',
    ],
    [
      'hide a wider change behind a narrower one',
      narrowing({ resources: [press8] }, { terms: [said({ longestWindowSeconds: 999_999 })] }),
      'term remote-service',
    ],
  ])('%s', (_what, wish, clause) => {
    expect(narrowingFault(two, wish)).toBe(clause);
  });
});

describe('the version by which data leaves', () => {
  const keyOf = (name: string, action: 'pass' | 'drop' | 'hash' | 'coarsen', step: number | null = null) => ({
    key: name,
    unit: null,
    category: id('process'),
    action,
    step,
  });
  const data = said({ keys: [keyOf('a', 'pass'), keyOf('b', 'pass')], recipients: [VENDOR, BUYER] }, dataCollection);
  const agreement = agreementOf({ terms: [remoteService, data, region, offline] });
  const writes = (name: string, ...terms: Term[]) => narrowed({ instead: { terms } }, name);
  const left = (...acts: HeldAct[]) =>
    narrowestReading(agreement, narrowedVersions(agreement, digest('agreement'), acts)).terms;
  const onlyA = said({ keys: [keyOf('a', 'pass')] }, data);
  const hashed = said({ keys: [keyOf('a', 'hash')] }, data);
  const steps = said({ keys: [keyOf('a', 'coarsen', 5)] }, data);
  const none = said({ endpointKeys: [] }, region);

  it('is the version itself where nobody narrowed it', () => {
    expect(narrowestReading(agreement, [])).toBe(agreement);
  });
  it('has the narrowest clause that anybody left, in whatever order they came', () => {
    expect(left(writes('1', onlyA), writes('2', hashed))).toContainEqual(hashed);
    expect(left(writes('2', hashed), writes('1', onlyA))).toContainEqual(hashed);
    expect(left(writes('1', none))).toContainEqual(none);
  });
  it('has no clause that one side struck', () => {
    const struck = { held: narrowed({}), agreement: agreementOf({ terms: [remoteService, region] }) };
    expect(narrowestReading(agreement, [struck]).terms).toEqual([remoteService, region, offline]);
  });
  it('has no clause of which nobody can say what is less', () => {
    expect(left(writes('1', hashed), writes('2', steps)).map(({ type }) => type)).not.toContain('data-collection');
    expect(left(writes('1', hashed), writes('2', steps))).toContainEqual(region);
  });
});

describe('a right under a narrowed version', () => {
  it('is not booked or approved anew: the times of the door are judged by the version', () => {
    const times: Term = {
      ...{ type: 'time-limits', kind: 'remote-service' },
      ...{ bookingSeconds: 0, approvalSeconds: 1, workingSeconds: 1 },
    };
    const right = chainOf({ ...two, terms: [...two.terms, times] });
    expect(leftFor(right, [narrowed({ strike: { clauses: ['delegation'] } })])).toMatchObject({ allowed: true });
  });
});
