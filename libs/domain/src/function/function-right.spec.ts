import { describe, expect, it } from '@jest/globals';
import type { LocalId } from '../names.js';
import { actionParts, actionWithin, parseAction, serviceOf } from './function-right.js';

const action = (text: string) => text as LocalId;

describe('an action', () => {
  it('is a service, or a service and some of its functions', () => {
    expect(actionParts('opc.tcp')).toEqual({ service: 'opc.tcp', functions: null });
    expect(actionParts('modbus:read')).toEqual({ service: 'modbus', functions: 'read' });
    expect(serviceOf(action('modbus:read'))).toBe('modbus');
  });
  it.each(['', ':read', 'modbus:', 'modbus:read:write', 'Modbus:read', 'modbus: read'])('is not %j', (text) => {
    expect(parseAction(text)).toBeUndefined();
  });
  it.each([
    ['modbus', 'modbus', true],
    ['modbus:read', 'modbus', true],
    ['modbus:read', 'modbus:read', true],
    ['modbus', 'modbus:read', false],
    ['modbus:read', 'ssh', false],
    ['modbus:write', 'modbus', false],
    ['ssh:read', 'ssh', false],
    ['ssh:read', 'ssh:read', false],
    ['constructor:read', 'constructor', false],
  ])('%s lies inside an agreed %s: %s', (asked, agreed, inside) => {
    expect(actionWithin(action(asked), action(agreed))).toBe(inside);
  });
});
