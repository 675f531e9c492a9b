import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  dataCollection,
  digest,
  id,
  offline,
  press7,
  region,
  remoteService,
  VENDOR,
} from '../../test/a-right.js';
import type { Term } from '../documents/agreement.js';
import { narrowingFault, withNarrowing } from './narrowing.js';
import { type NamedPart, takeAway } from './take-away.js';

const key = (name: string) => ({ key: name, unit: null, category: id('process'), action: 'pass' as const, step: null });
const data = {
  ...dataCollection,
  keys: [key('a'), key('b')],
  recipients: [VENDOR, BUYER],
  purposes: [id('repair'), id('upkeep')],
} as Term;
const service = { ...remoteService, purposes: [id('repair'), id('inspection')] } as Term;
const agreement = agreementOf({
  resources: [{ ...press7, class: 'standard', services: [id('ssh'), id('http')] }],
  terms: [service, data, region, offline],
});
const without = (...parts: (readonly [NamedPart, string])[]) => {
  const narrowing = {
    version: digest('v1'),
    ...takeAway(
      agreement,
      parts.map(([part, name]) => ({ part, name })),
    ),
  };
  const fault = narrowingFault(agreement, narrowing);
  return fault === undefined ? withNarrowing(agreement, narrowing) : fault;
};
const term = (of: ReturnType<typeof without>, type: Term['type']) =>
  typeof of === 'string' ? of : of.terms.find((one) => one.type === type);

describe('what a person takes away', () => {
  it('is a machine, a service of it, or a clause', () => {
    expect(without(['resource', 'delta-foods.example/press-7'])).toMatchObject({ resources: [] });
    expect(without(['service', 'delta-foods.example/press-7=ssh'])).toMatchObject({
      resources: [{ services: ['http'] }],
    });
    expect(term(without(['clause', 'remote-service']), 'remote-service')).toBeUndefined();
  });

  it('is a purpose wherever it stands, a recipient or a key of the data', () => {
    const repair = without(['purpose', 'repair']);
    expect(term(repair, 'remote-service')).toMatchObject({ purposes: ['inspection'] });
    expect(term(repair, 'data-collection')).toMatchObject({ purposes: ['upkeep'] });
    expect(term(without(['recipient', VENDOR]), 'data-collection')).toMatchObject({ recipients: [BUYER] });
    expect(term(without(['key', 'a']), 'data-collection')).toMatchObject({ keys: [{ key: 'b' }] });
  });

  it('is several parts at once, and the clause of access that keeps no purpose', () => {
    const gone = without(['purpose', 'repair'], ['purpose', 'inspection'], ['key', 'b']);
    expect(term(gone, 'remote-service')).toBeUndefined();
    expect(term(gone, 'data-collection')).toMatchObject({ purposes: ['upkeep'], keys: [{ key: 'a' }] });
  });

  it.each<[NamedPart, string, string]>([
    ['resource', 'delta-foods.example/press-9', 'term resource delta-foods.example/press-9'],
    ['service', 'delta-foods.example/press-7=vnc', 'term service delta-foods.example/press-7=vnc'],
    ['clause', 'machine-to-machine', 'term machine-to-machine'],
    ['purpose', 'sale', 'term purpose sale'],
    ['recipient', 'nobody.example', 'term recipient nobody.example'],
    ['key', 'c', 'term key c'],
    ['recipient', BUYER, 'term data-collection telemetry delta-foods.example/press-7'],
  ])('is refused by its name where it is not there, or is the tap of the owner: %s %s', (part, name, fault) => {
    expect(without([part, name])).toBe(fault);
  });
});
