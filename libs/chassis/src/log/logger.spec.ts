import { describe, expect, it } from '@jest/globals';
import { Fault } from '../fault.js';
import { inTrace } from '../trace/trace.js';
import { makeLog } from './logger.js';

const logged = (write: (log: ReturnType<typeof makeLog>) => void): string => {
  const lines: string[] = [];
  write(makeLog('grants', 'debug', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
};

describe('the log', () => {
  it('prints listed fields and the sentence', () => {
    const line = JSON.parse(
      logged((log) => log.warn({ event: 'grant.refused', code: 'not_a_party' }, 'grant refused')),
    );
    expect(line).toMatchObject({
      level: 'warn',
      service: 'grants',
      event: 'grant.refused',
      code: 'not_a_party',
      msg: 'grant refused',
    });
  });

  it('says to which request a line belongs', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const text = logged((log) =>
      inTrace({ traceId, spanId: '00f067aa0ba902b7', sampled: false }, () => log.info({ event: 'x' }, 'it is so')),
    );
    expect(JSON.parse(text)).toMatchObject({ traceId, event: 'x' });
    expect(logged((log) => log.info({ event: 'x' }, 'it is so'))).not.toContain('traceId');
  });

  it.each([
    ['a field that is not listed', { token: 'hunter2' }],
    ['an object in a listed field', { code: { token: 'hunter2' } }],
    ['the message of a driver', { err: new Error('no route to 10.0.0.1, password hunter2') }],
    ['the fields of a driver', { err: Object.assign(new Error('failed'), { detail: 'Key (token)=(hunter2)' }) }],
    ['the cause of a fault', { err: new Fault('internal', 'could not', { cause: new Error('hunter2') }) }],
    ['a thrown text', { err: 'hunter2' }],
  ])('keeps %s to itself', (_what, fields) => {
    const text = logged((log) => log.error(fields, 'it broke'));
    expect(text).toContain('it broke');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('10.0.0.1');
  });

  it('tells of an error its kind, its code and where it came from', () => {
    const text = logged((log) => log.error({ err: Object.assign(new TypeError('x'), { code: '23505' }) }, 'it broke'));
    expect(JSON.parse(text).err).toMatchObject({
      type: 'TypeError',
      code: '23505',
      at: expect.arrayContaining([expect.stringContaining('logger.spec')]),
    });
  });
});
