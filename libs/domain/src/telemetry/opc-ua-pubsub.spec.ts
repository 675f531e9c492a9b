import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { LocalId, OrganisationId } from '../names.js';
import { readOpcUaPubSub } from './opc-ua-pubsub.js';

const FOLDER = fileURLToPath(new URL('../../../../../shared/data/opcua-pubsub-json/', import.meta.url));
/** A user's clone has no shared data; with CI set its absence is a failure of the tests below. */
const withMessages = existsSync(FOLDER) || process.env.CI === 'true' ? describe : describe.skip;

const NOW = Date.UTC(2026, 10, 21);
const press = { owner: 'delta-foods.example' as OrganisationId, id: 'press-7' as LocalId };
const read = (value: unknown) => readOpcUaPubSub(value, press, NOW);

withMessages('messages that a real publisher sent', () => {
  const files = existsSync(FOLDER)
    ? readdirSync(FOLDER)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : [];
  const message = (name: string): unknown => {
    const file: unknown = JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8'));
    // As a hub shows them: the message is the body of what the hub knows about it.
    return typeof file === 'object' && file !== null && 'body' in file ? file.body : file;
  };
  const outcome = (name: string): string => {
    const result = read(message(name));
    return result.allowed ? `${result.value.length} events` : result.refusal.code;
  };

  it('are all there', () => expect(files).toHaveLength(15));

  it('are read where they are PubSub, and refused by name where they are samples', () => {
    expect(Object.fromEntries(files.map((name) => [name.slice(0, 2), outcome(name)]))).toEqual({
      '01': '1 events',
      '02': expect.stringMatching(/events$/),
      '03': expect.stringMatching(/events$/),
      '04': expect.stringMatching(/events$/),
      '05': '1 events',
      '06': expect.stringMatching(/events$/),
      '07': '0 events',
      ...Object.fromEntries(['08', '09', '10', '11', '12', '13', '14', '15'].map((name) => [name, 'samples_mode'])),
    });
  });

  it('keep the time at the source apart from the time of the message', () => {
    const result = read(message(files[0] ?? ''));
    const readings = result.allowed ? (result.value[0]?.readings ?? []) : [];
    expect(readings).toContainEqual({ at: '2022-03-18T12:55:21.3313539Z', key: 'StepUp', value: '23305' });
    expect(readings).toContainEqual({ at: '2022-03-18T12:55:20.9313098Z', key: 'AlternatingBoolean', value: 'true' });
  });

  it('give the bodies of the reversible encoding', () => {
    const result = read(message(files[4] ?? ''));
    const readings = result.allowed ? (result.value[0]?.readings ?? []) : [];
    expect(readings).toContainEqual(
      expect.objectContaining({ key: 'http://opcfoundation.org/SimpleEvents#CycleId', value: '5' }),
    );
  });

  it('have the same ids when they come a second time', () => {
    const ids = () =>
      files.flatMap((name) => {
        const result = read(message(name));
        return result.allowed ? result.value.map((one) => one.id) : [];
      });
    expect(new Set(ids()).size).toBe(ids().length);
    expect(ids()).toEqual(ids());
  });
});

describe('an OPC UA NetworkMessage', () => {
  const network = (message: object, over: object = {}): object => ({
    MessageId: '1',
    MessageType: 'ua-data',
    PublisherId: 'p',
    Messages: [{ DataSetWriterId: 1, SequenceNumber: 1, Timestamp: '2026-11-20T00:00:00Z', ...message }],
    ...over,
  });
  const code = (value: unknown) => {
    const result = read(value);
    return result.allowed ? 'accepted' : result.refusal.code;
  };

  it.each([
    ['a plain value', network({ Payload: { a: 1 } }), 'accepted'],
    ['a payload with nothing', network({ Payload: {} }), 'event_malformed'],
    ['a type nobody knows', network({ MessageType: 'ua-action', Payload: { a: 1 } }), 'event_malformed'],
    ['no id', network({ Payload: { a: 1 } }, { MessageId: 7 }), 'event_malformed'],
    ['no messages', network({}, { Messages: [] }), 'event_malformed'],
    [
      'a source clock ahead',
      network({ Payload: { a: { Value: 1, SourceTimestamp: '2099-01-01T00:00:00Z' } } }),
      'time_implausible',
    ],
    ['a message clock ahead', network({ Timestamp: '2099-01-01T00:00:00Z', Payload: { a: 1 } }), 'time_implausible'],
    ['a number in place of a message', [7], 'event_malformed'],
  ])('with %s', (_what, value, expected) => expect(code(value)).toBe(expected));

  it('passes no value of bad quality on as a number', () => {
    const bad = { Value: 4, StatusCode: { Code: 0x80000000, Symbol: 'Bad' } };
    const uncertain = { Value: 4, StatusCode: 1083179008 };
    const result = read(network({ Payload: { bad, uncertain } }));
    expect(result.allowed && result.value[0]?.readings.map((one) => one.value)).toEqual(['UNAVAILABLE', '4']);
  });
});
