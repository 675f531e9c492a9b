import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readRegionKeys, setUpRegion } from './region-setup.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'interlock-region-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const setUp = (more: object = {}, now = 1_000_000) =>
  setUpRegion({
    dir: join(dir, 'keys'),
    storeDir: join(dir, 'store'),
    region: 'eu-1',
    host: '127.0.0.1',
    port: 4333,
    now,
    ...more,
  });

describe('a region that is set up', () => {
  it('has the same keys and the same configuration at every later call', () => {
    const first = setUp();
    const second = setUp({}, 9_000_000);
    expect(second.configText).toBe(first.configText);
    expect(second.keys.regionAccount.publicKey).toBe(first.keys.regionAccount.publicKey);
    expect(readRegionKeys(join(dir, 'keys')).operatorSigner.publicKey).toBe(first.keys.operatorSigner.publicKey);
  });

  it('keeps its files from everybody else', () => {
    setUp();
    expect(statSync(join(dir, 'keys')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(dir, 'keys'))) {
      expect([name, statSync(join(dir, 'keys', name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  it("needs the operator's identity key once", () => {
    const operatorDir = join(dir, 'offline');
    const { configText } = setUp({ operatorDir });
    expect(readdirSync(join(dir, 'keys')).sort()).toEqual(['region.secret', 'trust.json']);
    rmSync(operatorDir, { recursive: true });
    expect(setUp({ operatorDir }).configText).toBe(configText);
    expect(() => readdirSync(operatorDir)).toThrow(/ENOENT/);
  });

  it('goes on where a start was killed, also with half a file left over', () => {
    setUp();
    const secret = readFileSync(join(dir, 'keys', 'region.secret'));
    rmSync(join(dir, 'keys', 'trust.json'));
    writeFileSync(join(dir, 'keys', 'trust.json.draft'), '{"operator');
    const { keys } = setUp();
    expect(readFileSync(join(dir, 'keys', 'region.secret'))).toEqual(secret);
    expect(setUp().keys.systemAccount.publicKey).toBe(keys.systemAccount.publicKey);
  });

  it('refuses files of two regions in one folder', () => {
    setUp();
    writeFileSync(join(dir, 'keys', 'region.secret'), Buffer.alloc(32, 7));
    expect(() => setUp()).toThrow(/restore the two files/);
  });

  it('refuses a secret that is cut short, and says where there is none', () => {
    setUp();
    writeFileSync(join(dir, 'keys', 'region.secret'), 'short');
    expect(() => setUp()).toThrow(/32 bytes/);
    expect(() => readRegionKeys(join(dir, 'nothing'))).toThrow(/region-config/);
  });
});
