import { describe, expect, it } from '@jest/globals';
import type { Grant } from '../documents/right.js';
import type { LocalId, OrganisationId, SubjectRef } from '../names.js';
import { mayCarry } from './carry.js';

const PLANT = 'delta-foods.example' as OrganisationId;
const VENDOR = 'alpine-presses.example' as OrganisationId;
const id = (text: string) => text as LocalId;
const press = { owner: PLANT, id: id('press-7') };
const workload = (organisation: OrganisationId, name: string, kind: SubjectRef['kind'] = 'workload') => ({
  organisation,
  kind,
  id: id(name),
});
const grant = {
  subjects: [workload(VENDOR, 'telemetry-pipeline'), workload(VENDOR, 'edge-box')],
  resources: [press],
} as unknown as Grant;

describe('who may carry data of a machine', () => {
  it.each([
    ['a collector of the owner, for a machine on its certificate', workload(PLANT, 'historian'), ['press-7'], true],
    ['a collector of the owner, for another machine', workload(PLANT, 'historian'), ['press-8'], false],
    ['the machine itself', workload(PLANT, 'press-7', 'machine'), [], true],
    ['another machine', workload(PLANT, 'press-8', 'machine'), ['press-7'], false],
    ['a person of the owner', workload(PLANT, 'engineer', 'person'), ['press-7'], false],
    ['a further subject of the grant', workload(VENDOR, 'edge-box'), [], true],
    ['who only opens', workload(VENDOR, 'telemetry-pipeline'), [], false],
    ['a stranger of the vendor that names the machine itself', workload(VENDOR, 'other'), ['press-7'], false],
    ['a person named like the further subject', workload(VENDOR, 'edge-box', 'person'), [], false],
    ['a namesake of a third company', workload('mill.example' as OrganisationId, 'edge-box'), [], false],
  ] as const)('%s', (_who, subject, resources, may) => {
    expect(mayCarry(grant, press, { subject, resources: resources.map(id) })).toBe(may);
  });

  it('is nobody for a machine the grant does not name', () => {
    const presenter = { subject: workload(PLANT, 'historian'), resources: [id('press-8')] };
    expect(mayCarry(grant, { owner: PLANT, id: id('press-8') }, presenter)).toBe(false);
    expect(mayCarry(grant, { owner: VENDOR, id: id('press-7') }, presenter)).toBe(false);
  });
});
