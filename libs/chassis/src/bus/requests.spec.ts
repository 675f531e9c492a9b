import { defineRequest } from '@interlock/contracts';
import { type TestNats, testNats } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { z } from 'zod';
import { Fault, StartError } from '../fault.js';
import { defineService } from '../service/define-service.js';
import { type RunningService, startService } from '../service/start-service.js';
import { type AnswerSpec, answer } from './answer.js';
import { connectToBus } from './connect.js';
import { Requests } from './requests.js';

const Text = z.strictObject({ text: z.string() });
const Echo = defineRequest('grants.echo.v1', Text, Text);
const Slow = defineRequest('grants.slow.v1', Text, Text);
const Broken = defineRequest('grants.broken.v1', Text, Text);
const Liar = defineRequest('grants.liar.v1', Text, Text);
const Private = defineRequest('grants.private.v1', Text, Text);
const Unanswered = defineRequest('grants.unanswered.v1', Text, Text);
const Registry = defineRequest('trust-registry.echo.v1', Text, Text);

@Module({})
class Nothing {}

const access = { actor: 'service', services: ['federation-api'] } as const;
let release: () => void = () => undefined;

const grants = defineService({
  name: 'grants',
  module: Nothing,
  settings: {},
  requests: () => [
    answer({ request: Echo, access, handle: async ({ text }, { caller }) => ({ text: `${caller}: ${text}` }) }),
    answer({
      request: Slow,
      access,
      handle: (ask) => new Promise((resolve) => (release = () => resolve(ask))),
    }),
    answer({ request: Broken, access, handle: () => Promise.reject(new Error('password hunter2')) }),
    answer({ request: Liar, access, handle: async () => ({ text: 'x', allowed: true }) }),
    answer({ request: Private, access: { actor: 'service', services: ['audit'] }, handle: async (ask) => ask }),
  ],
});
const api = defineService({ name: 'federation-api', module: Nothing, settings: {} });

let nats: TestNats;
let running: RunningService[] = [];
const env = (name: 'grants' | 'federation-api') => ({ NATS_URL: nats.urlFor(name), LOG_LEVEL: 'silent' });

beforeAll(async () => {
  nats = await testNats();
  running = await Promise.all([
    startService(api, { env: env('federation-api') }),
    startService(grants, { env: env('grants') }),
  ]);
}, 60_000);

afterAll(async () => {
  await Promise.all(running.map((service) => service.close()));
  await nats?.stop();
});

const requests = (): Requests => {
  const [asker] = running;
  if (!asker) throw new Error('nothing runs');
  return asker.wiring.requests;
};
const faultOf = (asked: Promise<unknown>): Promise<unknown> => asked.then(() => 'an answer').catch((thrown) => thrown);

describe('a question to another service', () => {
  it('is answered, and the answer knows who asked', async () => {
    expect(await requests().ask(Echo, { text: 'hello' }, { key: 'k' })).toEqual({ text: 'federation-api: hello' });
  });

  it('that is not answered in time is a fault, not a yes', async () => {
    const started = performance.now();
    const fault = await faultOf(requests().ask(Slow, { text: 'x' }, { key: 'k', deadlineMs: 120 }));
    release();
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'grants_unavailable', publicMessage: 'The request could not be completed' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(110);
  });

  it.each([
    ['nobody answers', Unanswered],
    ['the other fails', Broken],
    ['is answered by something else than its answer', Liar],
    ['may not be asked by us', Private],
  ])('is a fault if it %s', async (_what, request) => {
    expect(await faultOf(requests().ask(request, { text: 'x' }, { key: 'k' }))).toMatchObject({
      code: 'grants_unavailable',
    });
  });

  it('is named after the service that did not answer', async () => {
    expect(await faultOf(requests().ask(Registry, { text: 'x' }, { key: 'k' }))).toMatchObject({
      code: 'trust_registry_unavailable',
    });
  });

  it('that does not fit its own schema is never sent', async () => {
    const ask = { text: 'x', more: 1 };
    expect(await faultOf(requests().ask(Echo, ask, { key: 'k' }))).not.toBeInstanceOf(Fault);
  });

  it('cannot be asked in the name of another service', async () => {
    const bus = await connectToBus({ url: nats.urlFor('federation-api'), service: 'federation-api' });
    const forged = new Requests(bus, 'audit');
    expect(await faultOf(forged.ask(Private, { text: 'x' }, { key: 'k', deadlineMs: 300 }))).toBeInstanceOf(Fault);
    await forged.close();
    await bus.close();
  });
});

describe('a service does not start', () => {
  const starting = (wrong: Partial<AnswerSpec<{ text: string }, { text: string }>>) =>
    startService(
      defineService({
        name: 'grants',
        module: Nothing,
        settings: {},
        requests: () => [answer({ request: Echo, access, handle: async (ask) => ask, ...wrong })],
      }),
      { env: env('grants') },
    );

  it.each([
    ['does not say who may call it', { access: undefined }],
    ['names nobody who may call it', { access: { actor: 'service', services: [] } }],
  ] as const)('if a handler %s', async (_what, wrong) => {
    await expect(starting(wrong as object)).rejects.toThrow(/grants\.echo\.v1 does not declare who may call it/);
  });

  it('if it would answer for another', async () => {
    await expect(starting({ request: Registry })).rejects.toThrow(/is not grants's to answer/);
  });

  it('if a handler is declared by a decorator, past the access rows', async () => {
    @Controller()
    class Sneaky {
      @MessagePattern('ask.*.grants.sneak.v1')
      sneak() {
        return 'x';
      }
    }
    @Module({ controllers: [Sneaky] })
    class SneakyModule {}
    const definition = defineService({ name: 'grants', module: SneakyModule, settings: {} });
    await expect(startService(definition, { env: env('grants') })).rejects.toThrow(StartError);
  });
});
