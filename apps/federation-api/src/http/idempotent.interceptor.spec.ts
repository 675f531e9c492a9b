import type { Transactor } from '@interlock/chassis/db';
import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { lastValueFrom, of } from 'rxjs';
import { IdempotentInterceptor } from './idempotent.interceptor.js';

/** Stands for a database in which an answer to every key is stored already. */
const STORED = 'stored before a cut';
const transactor = { run: () => Promise.resolve(STORED) } as unknown as Transactor;
const asked = (route: string, url: string) => {
  const request = {
    method: 'POST',
    url,
    routeOptions: { url: route },
    headers: { 'idempotency-key': 'the-same-key' },
    body: {},
  };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  return lastValueFrom(new IdempotentInterceptor(transactor).intercept(context, { handle: () => of('judged now') }));
};

describe('an Idempotency-Key', () => {
  it.each([
    ['/v1/sessions', '/v1/sessions'],
    ['/v1/regions/users', '/v1/regions/users'],
    ['/v1/evidence', '/v1/evidence'],
    ['/oauth/token', '/oauth/token'],
    ['/oauth/token', '/%6fauth/token'],
    ['/oauth/token', 'http://broker.example/oauth/token'],
    ['/access/v1/evaluation', '/%61ccess/v1/evaluation'],
  ])('brings no earlier yes back: %s as %s', async (route, url) => {
    expect(await asked(route, url)).toBe('judged now');
  });
  it('brings the answer of any other write back', async () => {
    expect(await asked('/v1/grants', '/v1/grants')).toBe(STORED);
  });
});
