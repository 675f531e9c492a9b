import { type TestNats, testNats } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Module, Param, Post, type Type } from '@nestjs/common';
import { z } from 'zod';
import { Fault, StartError } from '../fault.js';
import { defineService } from '../service/define-service.js';
import { type RunningService, startService } from '../service/start-service.js';
import { ACCESS, Access } from './access.js';
import { Caller, type CallerVerifier, type VerifiedCaller } from './caller.js';
import { orRefuse } from './refused.js';

const Ask = z.strictObject({ grantId: z.string().max(32) });
const Id = z.string().regex(/^[a-z]+$/);

@Controller('grants')
class GrantsController {
  @Post()
  @HttpCode(201)
  @Access({ actor: ['organisation', 'agent'] })
  create(@Caller() caller: VerifiedCaller, @Body({ schema: Ask }) body: z.output<typeof Ask>) {
    return { grantId: body.grantId, by: caller.organisation };
  }

  @Get('refused/:id')
  @Access({ actor: 'organisation' })
  refused(@Param('id', { schema: Id }) _id: string) {
    return orRefuse({ allowed: false, refusal: { code: 'not_a_party', detail: 'hunter2' } });
  }

  @Get('broken')
  @Access({ actor: 'anyone', because: 'a test' })
  broken() {
    throw Object.assign(new Error('connect ECONNREFUSED 10.1.2.3 hunter2'), { code: 'ECONNREFUSED' });
  }

  @Get('away')
  @Access({ actor: 'anyone', because: 'a test' })
  away() {
    throw new Fault('grants_unavailable', 'The request could not be completed', { cause: new Error('hunter2') });
  }

  @Get('forgotten')
  @Access({ actor: 'anyone', because: 'a test that takes it away again' })
  forgotten() {
    return { open: true };
  }
}
@Module({ controllers: [GrantsController] })
class GrantsModule {}

let verified = 0;
let bytes: Buffer | undefined;
const verifyCaller: CallerVerifier = async ({ headers, rawBody }) => {
  verified += 1;
  bytes = rawBody;
  const actor = headers['x-test-actor'];
  return actor === 'organisation' || actor === 'gateway'
    ? { allowed: true, value: { actor, organisation: 'plant.example', thumbprint: 't' } }
    : { allowed: false, refusal: { code: 'caller_unknown' } };
};

const refusals = {
  not_a_party: { status: 404, title: 'There is nothing here for you' },
  caller_unknown: { status: 401, title: 'Prove who you are' },
  caller_not_allowed: { status: 403, title: 'Not for this kind of caller' },
};

const serviceOf = (module: Type<unknown>) =>
  defineService({
    name: 'federation-api',
    module,
    settings: {},
    http: { refusals, bodyLimit: 1_024, verifyCaller: () => verifyCaller },
  });

let nats: TestNats;
let service: RunningService;
const env = () => ({ NATS_URL: nats.urlFor('federation-api'), LOG_LEVEL: 'silent' });

beforeAll(async () => {
  nats = await testNats();
  service = await startService(serviceOf(GrantsModule), { env: env() });
}, 60_000);

afterAll(async () => {
  await service?.close();
  await nats?.stop();
});

interface Asked {
  readonly method?: string;
  readonly actor?: string;
  readonly body?: string;
  readonly type?: string;
}
async function call(path: string, { method = 'GET', actor = 'organisation', body, type }: Asked = {}) {
  const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, {
    method,
    headers: { 'x-test-actor': actor, ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}
const post = (body: unknown, more: Asked = {}) =>
  call('/grants', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...more });

describe('the edge', () => {
  it('lets in who the row names, with what was proven of it', async () => {
    const { status, text } = await post({ grantId: 'g' });
    expect([status, JSON.parse(text)]).toEqual([201, { grantId: 'g', by: 'plant.example' }]);
  });

  it.each([
    ['a stranger', 'nobody', 401, 'caller_unknown'],
    ['a caller of another kind', 'gateway', 403, 'caller_not_allowed'],
  ])('turns %s away', async (_who, actor, status, code) => {
    const answer = await post({ grantId: 'g' }, { actor });
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });

  it('checks the size before it asks who calls', async () => {
    const before = verified;
    expect((await post({ grantId: 'g'.repeat(2_000) })).status).toBe(413);
    expect(verified).toBe(before);
  });

  it('gives the verifier the body as it was sent, byte for byte', async () => {
    await post('{ "grantId" : "g" }');
    expect(bytes?.toString()).toBe('{ "grantId" : "g" }');
    await call('/grants/refused/x');
    expect(bytes).toBeUndefined();
  });

  it('asks who calls before it says what is wrong with the body', async () => {
    expect((await post({ wrong: 1 }, { actor: 'nobody' })).status).toBe(401);
  });

  it.each([
    ['an unknown key', { grantId: 'g', admin: true }, 400],
    ['a wrong value', { grantId: 7 }, 400],
    ['no body', '', 400],
    ['garbage', '{"grantId":', 400],
    ['a key that would poison objects', '{"__proto__":{"a":1},"grantId":"g"}', 400],
  ])('refuses %s', async (_what, body, status) => {
    const answer = await post(body);
    expect([answer.status, answer.type]).toEqual([status, 'application/problem+json; charset=utf-8']);
  });

  it('refuses a content type it does not know', async () => {
    expect((await post('<a/>', { type: 'application/xml' })).status).toBe(415);
  });

  it('refuses a path parameter that is not what its schema says', async () => {
    expect((await call('/grants/refused/1')).status).toBe(400);
  });

  it('presents a returned refusal, without its detail', async () => {
    const answer = await call('/grants/refused/x');
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([404, 'not_a_party']);
    expect(answer.text).not.toContain('hunter2');
  });

  it.each([
    ['/grants/broken', 500, 'internal'],
    ['/grants/away', 503, 'grants_unavailable'],
    ['/nowhere/hunter2', 404, 'not_found'],
    ['/%E0%A4%A', 400, 'malformed'],
  ])('says nothing of the inside at %s', async (path, status, code) => {
    const answer = await call(path);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/hunter2|10\.1\.2\.3|ECONN|node_modules/);
    expect(answer.type).toMatch(/^application\/problem\+json/);
  });

  it('answers 500 at run time for a route that lost its row', async () => {
    const handler = GrantsController.prototype.forgotten;
    const row: unknown = Reflect.getMetadata(ACCESS, handler);
    Reflect.deleteMetadata(ACCESS, handler);
    expect((await call('/grants/forgotten')).status).toBe(500);
    Reflect.defineMetadata(ACCESS, row, handler);
    expect((await call('/grants/forgotten')).status).toBe(200);
  });

  it('tells a supervisor whether it lives and is ready', async () => {
    expect((await call('/live')).text).toBe('{"live":true}');
    expect((await call('/ready')).text).toBe('{"ready":true,"troubles":{}}');
  });
});

describe('a service with careless routes', () => {
  it('does not start, and is told all of them at once', async () => {
    @Controller()
    class Careless {
      @Get('open')
      open() {
        return 'anyone may read this';
      }
      @Post('anything')
      @Access({ actor: 'organisation' })
      anything(@Body() body: unknown) {
        return body;
      }
    }
    @Module({ controllers: [Careless] })
    class CarelessModule {}
    const start = startService(serviceOf(CarelessModule), { env: env() });
    await expect(start).rejects.toThrow(StartError);
    await expect(start).rejects.toThrow(
      /Careless\.open does not declare who may call it[\s\S]*anything does not declare its status[\s\S]*anything takes a parameter without a schema/,
    );
  });
});
