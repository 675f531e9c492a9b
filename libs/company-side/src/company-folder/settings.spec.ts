import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUYER } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CompanySettings, readSettings, writeSettings } from './settings.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'company-settings-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SETTINGS: CompanySettings = {
  v: 1,
  organisation: BUYER,
  name: 'Delta Foods',
  jurisdiction: 'DE',
  agentOrigin: 'https://agent.delta-foods.example',
  brokerOrigin: 'http://127.0.0.1:4000',
  identityProvider: { issuer: 'https://login.delta-foods.example', clientId: 'company-agent' },
  epoch: 1,
};

describe('a company folder', () => {
  it.each([
    ['agentOrigin', { agentOrigin: 'http://agent.delta-foods.example' }],
    ['brokerOrigin', { brokerOrigin: 'http://10.0.0.7:4000' }],
    ['issuer', { identityProvider: { issuer: 'http://login.delta-foods.example', clientId: 'company-agent' } }],
  ])('names no other machine in plain text: %s', (name, changed) => {
    writeSettings(dir, SETTINGS);
    expect(readSettings(dir)).toEqual(SETTINGS);
    writeSettings(dir, { ...SETTINGS, ...changed });
    expect(() => readSettings(dir)).toThrow(`${name} must be https://`);
  });
});
