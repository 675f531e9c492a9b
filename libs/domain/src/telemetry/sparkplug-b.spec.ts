import { describe, expect, it } from '@jest/globals';
import type { LocalId, OrganisationId } from '../names.js';
import {
  type BirthState,
  NO_BIRTH,
  readSparkplug,
  readSparkplugTopic,
  type SparkplugMetric,
  type SparkplugPayload,
} from './sparkplug-b.js';

const NOW = Date.UTC(2026, 10, 21);
const press = { owner: 'delta-foods.example' as OrganisationId, id: 'press-7' as LocalId };
const metric = (over: Partial<SparkplugMetric>): SparkplugMetric => ({
  name: null,
  alias: null,
  timestamp: null,
  value: 1,
  ...over,
});
const payload = (seq: number | null, ...metrics: SparkplugMetric[]): SparkplugPayload => ({
  timestamp: NOW - 1_000,
  seq,
  metrics,
});
const BIRTH = [
  metric({ name: 'temp', alias: '7', value: 20 }),
  metric({ name: 'bdSeq', value: 3 }),
  metric({ name: 'Node Control/Rebirth', value: false }),
];

/** Takes the messages one after the other and says what came of each. */
function play(...messages: readonly (readonly [string, SparkplugPayload])[]): string[] {
  let state: BirthState = NO_BIRTH;
  return messages.map(([type, body]) => {
    const topic = readSparkplugTopic(`spBv1.0/plant/${type}`);
    if (!topic.allowed) return topic.refusal.code;
    const step = readSparkplug(state, topic.value, body, press, NOW);
    state = step.state;
    if (!step.read.allowed) return step.read.refusal.code;
    return step.read.value?.readings.map(({ key, value }) => `${key}=${value}`).join(',') ?? '-';
  });
}
describe('Sparkplug B', () => {
  const topicOf = (type: string) => `spBv1.0/plant/${type}/line`;

  it.each(['NCMD', 'DCMD', 'STATE'])('refuses %s whatever it holds: data opens no way back', (type) => {
    expect(readSparkplugTopic(topicOf(type))).toMatchObject({ allowed: false, refusal: { code: 'command_refused' } });
    expect(readSparkplugTopic(`${topicOf(type)}/device`)).toMatchObject({ refusal: { code: 'command_refused' } });
  });

  it.each([
    'spAv1.0/plant/NDATA/line',
    'spBv1.0/plant/NDATA',
    'spBv1.0/plant/NDATA/line/dev',
    'spBv1.0/plant/DDATA/line',
    '',
    'a',
  ])('reads no topic %s', (topic) =>
    expect(readSparkplugTopic(topic)).toMatchObject({ allowed: false, refusal: { code: 'event_malformed' } }),
  );

  it('gives aliases the names of the birth, and no control', () => {
    expect(
      play(['NBIRTH/line', payload(0, ...BIRTH)], ['NDATA/line', payload(1, metric({ alias: '7', value: 21 }))]),
    ).toEqual(['temp=20', 'temp=21']);
  });

  it('believes nothing before a birth, after a death, and after a lost message until the next birth', () => {
    const data = (seq: number) => ['NDATA/line', payload(seq, metric({ alias: '7' }))] as const;
    expect(
      play(
        data(1),
        ['NBIRTH/line', payload(0, ...BIRTH)],
        data(1),
        data(3),
        data(4),
        ['NBIRTH/line', payload(9, ...BIRTH)],
        data(10),
        ['NDEATH/line', payload(null)],
        data(11),
      ),
    ).toEqual([
      'birth_missing',
      'temp=20',
      'temp=1',
      'sequence_broken',
      'birth_missing',
      'temp=20',
      'temp=1',
      '-',
      'birth_missing',
    ]);
  });

  it('counts from 255 to 0', () => {
    expect(
      play(['NBIRTH/line', payload(255, ...BIRTH)], ['NDATA/line', payload(0, metric({ name: 'temp', value: 2 }))]),
    ).toEqual(['temp=20', 'temp=2']);
  });

  it('knows no alias of another device, and none of a birth that named it twice', () => {
    const device = (type: string, seq: number, ...metrics: SparkplugMetric[]) =>
      [`${type}/line/d1`, payload(seq, ...metrics)] as const;
    const born = ['NBIRTH/line', payload(0, ...BIRTH)] as const;
    expect(play(born, device('DDATA', 1, metric({ alias: '7' })))).toEqual(['temp=20', 'birth_missing']);
    expect(
      play(born, device('DBIRTH', 1, metric({ name: 'x', alias: '8' })), device('DDATA', 2, metric({ alias: '7' }))),
    ).toEqual(['temp=20', 'x=1', 'alias_without_birth']);
    expect(
      play(['NBIRTH/line', payload(0, metric({ name: 'a', alias: '1' }), metric({ name: 'b', alias: '1' }))]),
    ).toEqual(['event_malformed']);
  });

  it('takes no time that cannot be', () => {
    const late = metric({ name: 'temp', timestamp: NOW + 10 * 86_400_000 });
    expect(play(['NBIRTH/line', payload(0, late)])).toEqual(['time_implausible']);
    expect(play(['NBIRTH/line', payload(256)])).toEqual(['event_malformed']);
  });
});
