import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError, readConfig } from './config.js';

const shape = {
  PORT: z.coerce.number().int().min(0).max(65535).default(0),
  ORIGIN: z.url(),
  SECRET: z.string().min(16),
};

describe('readConfig', () => {
  it('returns parsed settings and ignores every other variable', () => {
    const settings = readConfig(shape, { ORIGIN: 'http://localhost:1', SECRET: 'x'.repeat(16), OTHER: '1' });
    expect(settings).toEqual({ PORT: 0, ORIGIN: 'http://localhost:1', SECRET: 'x'.repeat(16) });
  });

  it('names every fault at once and prints no value', () => {
    const read = () => readConfig(shape, { PORT: 'many', SECRET: 'hunter2' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/PORT is not acceptable[\s\S]*ORIGIN is missing[\s\S]*SECRET is not acceptable/);
    expect(read).not.toThrow(/hunter2|many/);
  });

  it('takes an empty variable for a missing one', () => {
    expect(() => readConfig(shape, { ORIGIN: '', SECRET: 'x'.repeat(16) })).toThrow(/ORIGIN is missing/);
  });
});
