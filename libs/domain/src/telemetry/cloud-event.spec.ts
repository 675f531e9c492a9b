import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataTerm } from '../documents/agreement.js';
import { labelNotAgreed, readCloudEvent } from './cloud-event.js';
import { machineNamedBy, occurrence, readingsOf } from './machine-event.js';

const NOW = Date.UTC(2026, 10, 21, 12);
const TERM = { keys: [{ category: 'technical' }], labels: ['internal', 'GDPR'] } as unknown as DataTerm;
const event = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  specversion: '1.0',
  id: '1',
  source: '//delta-foods.example/press-7',
  type: 'machine.telemetry',
  time: '2026-11-21T11:59:58Z',
  data: { press_force: 812.5 },
  ...over,
});
const codeOf = (value: unknown): string => {
  const read = readCloudEvent(value, NOW);
  if (!read.allowed) return read.refusal.code;
  return labelNotAgreed(read.value.labels, TERM) ? 'label_unknown' : 'accepted';
};
const without = (name: string) => Object.fromEntries(Object.entries(event()).filter(([key]) => key !== name));

describe('an event of CloudEvents 1.0', () => {
  it('keeps the machine, its own time and every value', () => {
    const data = { axis: { x: 1.5, y: null }, avail: true, pose: [1, 2, 3], program: 'A' };
    const read = readCloudEvent(event({ data }), NOW);
    const at = '2026-11-21T11:59:58Z';
    expect(read.allowed && read.value).toEqual({
      source: '//delta-foods.example/press-7',
      id: '1',
      machine: { owner: 'delta-foods.example', id: 'press-7' },
      claimedRegion: null,
      labels: [],
      readings: [
        { at, key: 'axis.x', value: '1.5' },
        { at, key: 'axis.y', value: 'UNAVAILABLE' },
        { at, key: 'avail', value: 'true' },
        { at, key: 'pose', value: '1 2 3' },
        { at, key: 'program', value: 'A' },
      ],
    });
  });

  it('may list observations with times of their own, also backwards', () => {
    const observations = [
      { key: 'a', value: 1, at: '2022-08-08T13:51:34.7Z' },
      { key: 'a', value: 2, at: '2022-08-08T13:37:00Z' },
      { key: 'b', value: 3 },
    ];
    const read = readCloudEvent(event({ data: { observations } }), NOW);
    expect(read.allowed && read.value.readings.map((one) => one.at)).toEqual([
      '2022-08-08T13:51:34.7Z',
      '2022-08-08T13:37:00Z',
      '2026-11-21T11:59:58Z',
    ]);
  });

  it.each([
    ['no object', 7, 'event_malformed'],
    ['no id', without('id'), 'event_malformed'],
    ['an id with a line break', event({ id: 'a\nb' }), 'event_malformed'],
    ['another version', event({ specversion: '0.3' }), 'event_malformed'],
    ['an attribute name of more than twenty letters', event({ averyveryverylongname1: 'x' }), 'event_malformed'],
    ['an attribute name in capitals', event({ Region: 'x' }), 'event_malformed'],
    ['an integer of more than 32 bits', event({ sequence: 2 ** 31 }), 'event_malformed'],
    ['an attribute that is an object', event({ extra: {} }), 'event_malformed'],
    ['a source that names no machine', event({ source: 'urn:uuid:1' }), 'source_malformed'],
    ['a source with a way out of its name', event({ source: '//delta-foods.example/../x' }), 'source_malformed'],
    ['no data', without('data'), 'event_malformed'],
    ['data without a value', event({ data: {} }), 'event_malformed'],
    ['data elsewhere', event({ dataref: 'https://x.example/1' }), 'reference_not_carried'],
    ['bytes', event({ data_base64: 'AAAA' }), 'encoding_unsupported'],
    ['another content', event({ datacontenttype: 'text/xml' }), 'encoding_unsupported'],
    ['a label nobody agreed', event({ dataclassification: 'secret' }), 'label_unknown'],
    ['one unknown regulation of two', event({ dataregulation: 'GDPR,ITAR' }), 'label_unknown'],
    ['a label that is no text', event({ datacategory: 7 }), 'label_unknown'],
    ['a time that is none', event({ time: 'yesterday' }), 'time_implausible'],
    ['a day no calendar has', event({ time: '2026-02-30T00:00:00Z' }), 'time_implausible'],
    ['a clock that was never set', event({ time: '1970-01-01T00:00:00Z' }), 'time_implausible'],
    ['a clock days ahead', event({ time: '2026-11-23T12:00:01Z' }), 'time_implausible'],
    [
      'one observation days ahead',
      event({ data: { observations: [{ key: 'a', value: 1, at: '2036-01-01T00:00:00Z' }] } }),
      'time_implausible',
    ],
    ['a key of a thousand letters', event({ data: { ['k'.repeat(1_000)]: 1 } }), 'event_malformed'],
    ['a value of a megabyte', event({ data: { a: 'v'.repeat(1_000_000) } }), 'event_too_large'],
    [
      'known labels',
      event({ dataclassification: 'internal', dataregulation: 'GDPR', datacategory: 'technical' }),
      'accepted',
    ],
    ['no time', without('time'), 'accepted'],
  ])('with %s', (_what, value, expected) => expect(codeOf(value)).toBe(expected));

  it('refuses data deeper than telemetry is', () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    expect(codeOf(event({ data: deep(16) }))).toBe('accepted');
    expect(codeOf(event({ data: deep(17) }))).toBe('event_too_deep');
    expect(codeOf(event({ data: deep(3_000) }))).toBe('event_too_deep');
  });

  it('reports the region an event claims, and obeys it in nothing', () => {
    const read = readCloudEvent(event({ feddestregion: 'US' }), NOW);
    expect(read.allowed && read.value.claimedRegion).toBe('US');
  });

  it('answers any JSON with a value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const read = readCloudEvent({ ...event(), data: value }, NOW);
        if (read.allowed) expect(read.value.readings.every((one) => typeof one.value === 'string')).toBe(true);
        readCloudEvent(value, NOW);
        readingsOf(value, '');
      }),
    );
  });
});

describe('names and times', () => {
  it.each([
    ['//delta-foods.example/press-7', 'press-7'],
    ['https://delta-foods.example/line/3', 'line/3'],
    ['delta-foods.example/press-7', 'press-7'],
    ['//delta-foods.example/press-7?x=1', undefined],
    ['//delta-foods.example/', undefined],
    ['//Delta-Foods.example/press-7', undefined],
    ['', undefined],
  ])('%s', (source, machine) => expect(machineNamedBy(source)?.id).toBe(machine));

  it.each([
    ['2016-12-31T23:59:60Z', true],
    ['2024-02-29T00:00:00.123456789+02:00', true],
    ['2023-02-29T00:00:00Z', false],
    ['2023-01-01 00:00:00Z', false],
    ['2023-01-01T25:00:00Z', false],
  ])('%s is a time: %s', (text, is) => expect(occurrence(text) !== undefined).toBe(is));
});
