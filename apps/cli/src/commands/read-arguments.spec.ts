import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from 'commander';
import { approvalRule, embargo, productKey, regionKeys, ticketPattern } from './agreement/read-clauses.js';
import { gather, hostPort, instant, localIds, origin, resource, span } from './read-arguments.js';

describe('an argument', () => {
  it('that is a time says its zone', () => {
    expect(instant('2026-06-01T22:00+02:00')).toBe(Date.UTC(2026, 5, 1, 20));
    expect(instant('2026-06-01T22:00:30Z')).toBe(Date.UTC(2026, 5, 1, 22, 0, 30));
    for (const wrong of ['2026-06-01T22:00', '2026-06-01', 'tomorrow', '2026-13-01T22:00Z'])
      expect(() => instant(wrong)).toThrow(InvalidArgumentError);
  });

  it('that is a span says its unit', () => {
    expect([span('90s'), span('30min'), span('8h'), span('90d')]).toEqual([90, 1_800, 28_800, 7_776_000]);
    for (const wrong of ['90', '8 h', '-1h', '1y']) expect(() => span(wrong)).toThrow(InvalidArgumentError);
  });

  it('that is an address keeps the brackets of IPv6 outside', () => {
    expect(hostPort('[::1]:22')).toEqual({ host: '::1', port: 22 });
    expect(hostPort('press.plant.example:4840')).toEqual({ host: 'press.plant.example', port: 4840 });
    for (const wrong of ['press', ':22', 'press:0', 'press:70000', 'press:']) expect(() => hostPort(wrong)).toThrow();
  });

  it('that is an origin has no path, so that nobody believes a path counts', () => {
    expect(origin('https://agent.example/')).toBe('https://agent.example');
    for (const wrong of ['agent.example', 'ftp://agent.example', 'https://agent.example/x', 'https://a.example/?x'])
      expect(() => origin(wrong)).toThrow(InvalidArgumentError);
  });

  it('that is a resource is named by its owner first', () => {
    expect(resource('delta-foods.example/hall-2/press-7')).toEqual({
      owner: 'delta-foods.example',
      id: 'hall-2/press-7',
    });
    for (const wrong of ['press-7', '/press-7', 'delta-foods.example/', 'Delta.example/press'])
      expect(() => resource(wrong)).toThrow(InvalidArgumentError);
  });

  it('that may be given again is gathered, and a list is split', () => {
    expect(gather(span)('1h', gather(span)('2h', undefined))).toEqual([7_200, 3_600]);
    expect(localIds('a, b')).toEqual(['a', 'b']);
    expect(localIds('')).toEqual([]);
    expect(() => localIds('a,,b')).toThrow(InvalidArgumentError);
  });
});

describe('a clause', () => {
  it('of approvals names a group and how many persons', () => {
    expect(approvalRule('maintenance')).toEqual({ group: 'maintenance', persons: 1 });
    for (const wrong of ['maintenance:0', 'maintenance:ten', ':2', 'a:1:2'])
      expect(() => approvalRule(wrong)).toThrow();
  });

  it('of a key has a step exactly where it is coarsened', () => {
    expect(productKey('operator::person:hash')).toMatchObject({ unit: null, action: 'hash', step: null });
    expect(productKey('force:kN:process:aggregate:60')).toMatchObject({ action: 'aggregate', step: 60 });
    for (const wrong of [
      'force:kN:process:aggregate',
      'force:kN:process:coarsen',
      'force:kN:process:pass:1',
      'force:kN:process:send',
      'force',
    ])
      expect(() => productKey(wrong)).toThrow(InvalidArgumentError);
  });

  it('of a region, an embargo and a ticket is read or refused as a whole', () => {
    const key = 'A'.repeat(43);
    expect(regionKeys(`eu-1=${key}`)).toEqual({ region: 'eu-1', endpointKeys: [key] });
    expect(regionKeys(`eu-1=${key},${key}@DE`)).toMatchObject({ country: 'DE', endpointKeys: [key, key] });
    for (const wrong of ['eu-1', `eu-1=${key}@Germany`, `eu-1=${key},short`, `eu-1=${key}=${key}`])
      expect(() => regionKeys(wrong)).toThrow();
    expect(embargo('delta-foods.example=eu,us')).toMatchObject({ issuers: ['eu', 'us'] });
    expect(() => embargo('delta-foods.example')).toThrow(InvalidArgumentError);
    expect(ticketPattern('none')).toBeNull();
    expect(() => ticketPattern('INC-[0-9')).toThrow(InvalidArgumentError);
  });
});
