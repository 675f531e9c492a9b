import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keepSecret } from './keep-secret.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a kept secret', () => {
  it('is the same for all who start at once, and leaves no draft behind', async () => {
    let made = 0;
    const make = () => {
      made += 1;
      return `secret ${made}`;
    };
    const got = await Promise.all(Array.from({ length: 20 }, () => keepSecret(folder, 'key', make)));
    expect(new Set(got).size).toBe(1);
    expect(await keepSecret(folder, 'key', make)).toBe(got[0]);
    expect(await readdir(folder)).toEqual(['key']);
  });

  it('that could not be made is not kept half', async () => {
    const make = () => {
      throw new Error('no randomness');
    };
    await expect(keepSecret(join(folder, 'other'), 'key', make)).rejects.toThrow('no randomness');
    expect(await readdir(join(folder, 'other'))).toEqual([]);
  });
});
