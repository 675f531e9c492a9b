import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { regionConfig } from './region-config.js';

const dir = mkdtempSync(join(tmpdir(), 'interlock-region-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const args = ['--region', 'eu-1', '--dir', join(dir, 'keys'), '--store', join(dir, 'store'), '--port', '4333'];
const tls = ['--tls-cert', join(dir, 'c.pem'), '--tls-key', join(dir, 'k.pem')];

describe('region-config', () => {
  it('prints the same configuration again, and no key of the region', () => {
    const text = regionConfig([...args, ...tls], Date.now());
    expect(text).toMatch(/listen: "127\.0\.0\.1:4333"/);
    expect(text).toMatch(/min_version: "1\.3"/);
    expect(text).not.toMatch(/\bS[OAU][A-Z2-7]{56}/);
    expect(regionConfig([...args, ...tls], Date.now() + 86_400_000)).toBe(text);
  });

  it.each<[string, string[], RegExp]>([
    ['without a certificate', args, /--tls-cert: .*\n--tls-key: .*\nusage: region-config/s],
    ['with a port that is none', [...args, ...tls, '--port', 'x'], /--port/],
    ['with an option nobody knows', [...args, ...tls, '--force'], /--force.*usage/s],
    ['for an address that is a name', [...args, ...tls, '--host', 'localhost'], /IP address/],
    ['for a region that cannot be one', [...args, ...tls, '--region', 'EU 1'], /JetStream domain/],
  ])('says what to change %s', (_how, given, message) => {
    expect(() => regionConfig(given, Date.now())).toThrow(message);
  });
});
