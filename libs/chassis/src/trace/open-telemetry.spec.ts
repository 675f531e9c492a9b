import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTracer } from './open-tracer.js';
import { currentTrace, quietTracer, traced } from './trace.js';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: false };

interface Sent {
  readonly resourceSpans: {
    readonly resource: {
      readonly attributes: { readonly key: string; readonly value: { readonly stringValue: string } }[];
    };
    readonly scopeSpans: { readonly spans: Record<string, unknown>[] }[];
  }[];
}

let collector: Server;
let sent: { path: string | undefined; body: Sent }[] = [];

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      sent.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Sent });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => new Promise((closed) => collector.close(closed)));

describe('a tracer with a collector', () => {
  it('sends each piece of work as a span of its trace, and what failed as failed', async () => {
    sent = [];
    const tracer = await openTracer('grants', `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`);
    await traced(tracer, { name: 'outer', kind: 'server', parent: PARENT }, () =>
      traced(tracer, { name: 'inner', kind: 'client', parent: currentTrace() }, async () => {
        throw new Error('hunter2');
      }).catch(() => undefined),
    );
    await tracer.close();
    expect(sent.map(({ path }) => path)).toEqual(['/v1/traces']);
    const [{ resource, scopeSpans } = { resource: { attributes: [] }, scopeSpans: [] }] =
      sent[0]?.body.resourceSpans ?? [];
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'grants' } });
    const [inner, outer] = scopeSpans.flatMap(({ spans }) => spans);
    expect(outer).toMatchObject({ name: 'outer', traceId: PARENT.traceId, parentSpanId: PARENT.spanId, kind: 2 });
    expect(inner).toMatchObject({ name: 'inner', traceId: PARENT.traceId, parentSpanId: outer?.spanId, kind: 3 });
    expect(inner?.status).toEqual({ code: 2 });
    expect(JSON.stringify(sent)).not.toContain('hunter2');
  });

  it('loses spans and nothing else where the collector is away', async () => {
    const tracer = await openTracer('grants', 'http://127.0.0.1:9');
    expect(await traced(tracer, { name: 'work', kind: 'server', parent: undefined }, async () => 7)).toBe(7);
    await tracer.close();
  });
});

describe('without a collector', () => {
  it('work still has ids: of its caller’s trace, or of a new one', async () => {
    expect(await openTracer('grants', undefined)).toBe(quietTracer);
    const under = await traced(quietTracer, { name: 'x', kind: 'server', parent: PARENT }, async () => currentTrace());
    expect(under).toEqual({ traceId: PARENT.traceId, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), sampled: false });
    expect(quietTracer.start({ name: 'x', kind: 'server', parent: undefined }).context.traceId).toMatch(
      /^[0-9a-f]{32}$/,
    );
    expect(currentTrace()).toBeUndefined();
  });
});
