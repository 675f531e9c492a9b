import type { LocalId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { filterFor } from './function-filters.js';

const modbus = { service: 'modbus' as LocalId, functions: null };
const frame = (unit: number, ...pdu: number[]) => Buffer.from([0, 1, 0, 0, 0, pdu.length + 1, unit, ...pdu]);
const [read, write] = [
  [3, 0, 1, 0, 2],
  [6, 0, 1, 0, 5],
];

describe('the whole service of a machine behind a bridge', () => {
  it('is its own unit with every function, and of every other unit the exception "gateway path unavailable"', () => {
    const refused: string[] = [];
    const filter = filterFor(modbus, { unit: 9 })?.((name) => refused.push(name));
    const own = Buffer.concat([frame(9, ...read), frame(9, ...write)]);
    expect(filter?.request(own)).toEqual({ onward: own, answer: Buffer.alloc(0) });
    const passed = filter?.request(Buffer.concat([frame(1, ...write), frame(0, ...write), frame(9, ...write)]));
    expect(passed?.onward).toEqual(frame(9, ...write));
    expect(passed?.answer).toEqual(Buffer.concat([frame(1, 0x86, 10), frame(0, 0x86, 10)]));
    expect(refused).toEqual(['modbus unit 1', 'modbus unit 0']);
    expect(filter?.request(Buffer.from('SSH-2.0-OpenSSH'))).toBeUndefined();
  });

  it('is not filtered where its address is one machine', () => {
    expect(filterFor(modbus, {})).toBeNull();
    expect(filterFor(modbus, { unit: 0 })).toBeInstanceOf(Function);
  });

  it('is nothing that can be opened where a unit stands beside a service that has none, or a right that nobody enforces', () => {
    expect(filterFor({ service: 'ssh' as LocalId, functions: null }, { unit: 1 })).toBeUndefined();
    expect(filterFor({ service: 'ssh' as LocalId, functions: 'read' as LocalId }, {})).toBeUndefined();
    expect(filterFor({ service: 'modbus' as LocalId, functions: 'write' as LocalId }, { unit: 1 })).toBeUndefined();
  });
});
