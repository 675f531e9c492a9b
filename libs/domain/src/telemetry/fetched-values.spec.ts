import { describe, expect, it } from '@jest/globals';
import type { ModbusValue } from '../documents/telemetry-source.js';
import { messageReadings, modbusReading, modbusWidth } from './fetched-values.js';
import { LARGEST_EVENT } from './machine-event.js';

const value = (over: Partial<ModbusValue>): ModbusValue => ({
  ...{ key: 'force', table: 'holding-register', address: 0, format: 'uint16' },
  ...over,
});

describe('a value in registers of a controller', () => {
  it.each([
    ['uint16', [0xfffe], '65534'],
    ['int16', [0xfffe], '-2'],
    ['uint32', [0x0001, 0x0002], '65538'],
    ['int32', [0xffff, 0xfffe], '-2'],
    ['float32', [0x41aa, 0x6666], '21.3'],
    ['float32', [0x7fc0, 0x0000], 'UNAVAILABLE'],
    ['float32', [0x7f80, 0x0000], 'UNAVAILABLE'],
    ['bit', [1], 'true'],
    ['bit', [0], 'false'],
    ['uint32', [1], 'UNAVAILABLE'],
    ['uint16', [], 'UNAVAILABLE'],
  ] as const)('of format %s in %j is %s', (format, registers, text) => {
    expect(modbusReading(value({ format }), registers)).toBe(text);
    expect(modbusWidth(format)).toBe(/32/.test(format) ? 2 : 1);
  });
  it('has its words in the order of the controller, and its factor', () => {
    expect(modbusReading(value({ format: 'uint32', lowWordFirst: true }), [0x0002, 0x0001])).toBe('65538');
    expect(modbusReading(value({ factor: 0.1 }), [3])).toBe('0.3');
    expect(modbusReading(value({ factor: -10 }), [3])).toBe('-30');
  });
});

describe('a message of a plant broker', () => {
  const at = '2026-06-01T12:00:00Z';
  const said = (text: string) => {
    const read = messageReadings('press', text, at);
    return read.allowed ? read.value.map(({ key, value: is }) => [key, is]) : read.refusal.code;
  };
  it.each([
    ['812.50', [['press', '812.50']]],
    [' on\n', [['press', 'on']]],
    ['"anna"', [['press', 'anna']]],
    ['', [['press', 'UNAVAILABLE']]],
    ['12345678901234567890', [['press', '12345678901234567890']]],
    ['null', [['press', 'UNAVAILABLE']]],
    [
      '{"force":812,"axis":{"x":1}}',
      [
        ['press.force', '812'],
        ['press.axis.x', '1'],
      ],
    ],
    ['[1,2]', [['press', '1 2']]],
    ['{"a":', [['press', '{"a":']]],
    ['{}', 'event_malformed'],
    [`${'['.repeat(40)}${']'.repeat(40)}`, 'event_too_deep'],
    ['x'.repeat(LARGEST_EVENT + 1), 'event_too_large'],
  ])('%.40s is read', (text, read) => {
    expect(said(text)).toEqual(read);
  });
});
