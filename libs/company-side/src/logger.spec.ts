import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { makeLog } from './logger.js';

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
});
