import { FAULTS } from '@interlock/contracts';
import { describe, expect, it } from '@jest/globals';
import { BadRequestException, ImATeapotException, NotFoundException } from '@nestjs/common';
import { Fault } from '../fault.js';
import { Malformed, toProblem } from './problem.js';
import { orRefuse, Refused } from './refused.js';

const REFUSALS = { not_a_party: { status: 404, title: 'There is nothing here for you' } };
const NOES = { refusals: REFUSALS, origin: 'https://broker.example' };

const driverError = () =>
  Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432 user "interlock_grants"'), {
    code: 'ECONNREFUSED',
    status: 200,
    statusCode: 200,
    detail: 'Key (token)=(hunter2) exists',
  });

describe('toProblem', () => {
  it('answers a refusal from the table, with the clause and without the detail', () => {
    const refused = new Refused({ code: 'not_a_party', clause: 'term 3', detail: 'agreement agr_1 is suspended' });
    expect(toProblem(refused, NOES)).toEqual({
      type: 'https://broker.example/errors/not_a_party',
      title: 'There is nothing here for you',
      status: 404,
      code: 'not_a_party',
      clause: 'term 3',
    });
  });

  it('names no page where the server has none, and never one that is not there', () => {
    const refused = new Refused({ code: 'not_a_party' });
    expect(toProblem(refused, { refusals: REFUSALS }).type).toBe('about:blank');
    const own = { refusals: { odd: { status: 403, title: 'of a later version' } }, origin: NOES.origin };
    expect(toProblem(new Refused({ code: 'odd' }), own)).toMatchObject({ type: 'about:blank', code: 'odd' });
  });

  it.each(['unknown_code', 'toString', '__proto__'])('answers the code %s, which no table has, with a no', (code) => {
    expect(toProblem(new Refused({ code }), NOES)).toMatchObject({ status: 403, code: 'refused' });
  });

  it('names the places of a malformed request', () => {
    expect(toProblem(new Malformed(['window.from: expected number']), NOES)).toMatchObject({
      status: 400,
      errors: ['window.from: expected number'],
    });
  });

  it('answers a fault with its public sentence, and not with its cause', () => {
    const fault = new Fault('grants_unavailable', 'The request could not be completed', { cause: driverError() });
    expect(toProblem(fault, NOES)).toMatchObject({ status: 503, code: 'grants_unavailable' });
    expect(JSON.stringify(toProblem(fault, NOES))).not.toMatch(/10\.1\.2\.3|hunter2|ECONN/);
  });

  it.each([
    ['a driver error', driverError()],
    ['a text', 'password hunter2 at 10.1.2.3'],
    ['nothing', undefined],
    ['an object that calls itself a problem', { status: 200, title: 'hunter2', code: 'ok' }],
    ['a status of Nest that no route of ours gives', new ImATeapotException('hunter2')],
  ])('says of %s only that it could not', (_what, thrown) => {
    expect(toProblem(thrown, NOES)).toEqual({
      type: 'https://broker.example/errors/internal',
      title: FAULTS.internal.title,
      status: 500,
      code: 'internal',
    });
  });

  it.each([
    [new NotFoundException('Cannot GET /secret/hunter2'), 404, 'not_found'],
    [new BadRequestException('hunter2'), 400, 'malformed'],
    [Object.assign(new Error('hunter2'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), 413, 'too_large'],
  ])('keeps the status of the transport and none of its words', (thrown, status, code) => {
    const answered = toProblem(thrown, NOES);
    expect(answered).toMatchObject({ status, code });
    expect(JSON.stringify(answered)).not.toContain('hunter2');
  });
});

describe('orRefuse', () => {
  it('gives the value of a yes', () => expect(orRefuse({ allowed: true, value: 7 })).toBe(7));
  it('throws a no', () =>
    expect(() => orRefuse({ allowed: false, refusal: { code: 'not_a_party' } })).toThrow(Refused));
});
