import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { BrokerUnavailable } from './broker/broker-client.js';
import { makeLog } from './logger.js';
import { inTraceOf } from './trace/under-way.js';

describe('the log of a company’s process', () => {
  it('prints listed fields alone, whatever it is given', () => {
    const lines: string[] = [];
    const log = makeLog('edge-gateway', pino({}, { write: (line: string) => void lines.push(line) }));
    const fields = {
      event: 'session.opened',
      session: 'ses_1',
      passphrase: 'hunter2',
      headers: { authorization: 'hunter2' },
    };
    log.info(fields, 'a session opened');
    log.warn(fields, 'a session opened');
    log.error(fields, 'a session opened');
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ event: 'session.opened', session: 'ses_1', msg: 'a session opened' });
      expect(line).not.toContain('hunter2');
    }
    expect(lines).toHaveLength(3);
  });

  it('tells of what was thrown its kind and place, and no word of its message; of ours what we wrote', () => {
    const lines: string[] = [];
    const log = makeLog('company-agent', pino({}, { write: (line: string) => void lines.push(line) }));
    const driver = Object.assign(new TypeError('cannot reach https://user:hunter2@host'), { code: 'ECONNREFUSED' });
    log.error({ event: 'round.failed' }, 'a part failed', new Error('hunter2', { cause: driver }));
    log.warn({ event: 'login.refused', detail: { secret: 'hunter2' } as never }, 'does not hold', 'hunter2');
    log.warn(
      { event: 'broker.away' },
      'no answer',
      new BrokerUnavailable('GET /v1/grants: no answer', { cause: driver }),
    );
    const [failed, refused, away] = lines.map((line) => JSON.parse(line));
    expect(lines.join('')).not.toContain('hunter2');
    expect(failed.cause).toMatchObject({ type: 'Error', cause: { type: 'TypeError', code: 'ECONNREFUSED' } });
    expect(failed.cause.at[0]).toContain('logger.spec');
    expect(refused.cause).toEqual({ type: 'unknown' });
    expect(away.cause).toMatchObject({ message: 'GET /v1/grants: no answer', cause: { code: 'ECONNREFUSED' } });
  });

  it('says to which request a line belongs', () => {
    const lines: string[] = [];
    const log = makeLog('company-agent', pino({}, { write: (line: string) => void lines.push(line) }));
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    inTraceOf(`00-${traceId}-00f067aa0ba902b7-01`, () => log.info({ event: 'a' }, 'one'));
    log.info({ event: 'b' }, 'two');
    expect(lines.map((line) => JSON.parse(line).traceId)).toEqual([traceId, undefined]);
  });
});
