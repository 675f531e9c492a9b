import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RefusedFunctions } from './refused-functions.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('refused functions', () => {
  it('are recorded at once, and counted while they go on', () => {
    const records: string[] = [];
    const refused = new RefusedFunctions((name, count) => records.push(`${name} x${count}`));
    for (let n = 0; n < 1_000; n += 1) refused.note('modbus 6');
    refused.note('modbus 16');
    expect(records).toEqual(['modbus 6 x1', 'modbus 16 x1']);
    jest.advanceTimersByTime(10_000);
    expect(records.slice(2)).toEqual(['modbus 6 x999']);
    jest.advanceTimersByTime(30_000);
    expect(records).toHaveLength(3);
    refused.note('modbus 6');
    refused.note('modbus 6');
    refused.flush();
    expect(records.slice(3)).toEqual(['modbus 6 x1', 'modbus 6 x1']);
  });
});
