import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { gatewayConfig } from './config.js';
import { programReport } from './program-report.js';

const UNIT = join(import.meta.dirname, '../interlock-gateway.service');

describe('what a gateway says of itself', () => {
  it('is the digest of the program that runs, its zone database, and all it can judge', () => {
    const report = programReport(UNIT);
    expect(report.digest).toBe(execFileSync('sha256sum', [UNIT], { encoding: 'utf8' }).split(' ')[0]);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      version: string;
    };
    expect(report.version).toBe(version);
    expect(report.tzdata).toMatch(/^\d{4}[a-z]/);
    expect(report.evaluators).toContain('remote-service');
    expect(report.functionRights).toContain('modbus:read');
    expect(programReport('/nowhere').digest).toBeNull();
  });
});

describe('the systemd unit', () => {
  const lines = readFileSync(UNIT, 'utf8').split('\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));

  it('starts the program with settings that it takes, as an unprivileged user', () => {
    const environment = Object.fromEntries(values('Environment').map((text) => text.split('=', 2) as [string, string]));
    expect(gatewayConfig(environment)).toMatchObject({ GATEWAY_FOLDER: '/var/lib/interlock-gateway' });
    expect(values('User')).toEqual(['interlock']);
    expect(values('StateDirectory')).toEqual(['interlock-gateway']);
    expect(values('CapabilityBoundingSet')).toEqual(['']);
    expect(values('NoNewPrivileges')).toEqual(['yes']);
  });
});
