import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { parseTraceparent, type TraceContext, traceparentOf } from '@interlock/contracts';
import { headers, type MsgHdrs } from '@nats-io/transport-node';

/**
 * The trace of the work under way. It is the one thing that is carried beside the parameters: nothing decides by it, it is only written down
 * (decision 0261).
 */
const underWay = new AsyncLocalStorage<TraceContext>();

/** Undefined outside of any request, question or event. */
export const currentTrace = (): TraceContext | undefined => underWay.getStore();

/** Runs `work` as a part of this trace. */
export const inTrace = <T>(context: TraceContext, work: () => T): T => underWay.run(context, work);

const HEADER = 'traceparent';

/** Headers of a message that takes the trace along; `made` where there are others already. */
export function withTrace(made: MsgHdrs = headers()): MsgHdrs {
  const context = currentTrace();
  if (context) made.set(HEADER, traceparentOf(context));
  return made;
}

/** The trace that a message belongs to. */
export const traceIn = (found: Pick<MsgHdrs, 'get'> | undefined): TraceContext | undefined =>
  parseTraceparent(found?.get(HEADER) || undefined);

/** One piece of work, from its start to its end. */
export interface Span {
  readonly context: TraceContext;
  /** Tells how it went; only what figures may say, too, is an attribute. */
  end(how: { readonly failed: boolean; readonly attributes?: Readonly<Record<string, string | number>> }): void;
}

export interface SpanStart {
  /** Low in number: the pattern of a route, the name of a question or an event. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer';
  readonly parent: TraceContext | undefined;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** Starts spans. */
export interface Tracer {
  start(span: SpanStart): Span;
  close(): Promise<void>;
}

/** Gives each piece of work its ids and tells nobody: what a service does that has no collector. */
export const quietTracer: Tracer = {
  start: ({ parent }) => ({
    context: {
      traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      sampled: parent?.sampled ?? false,
    },
    end: () => undefined,
  }),
  close: async () => undefined,
};

/** Runs `work` as one span, as a part of its trace. */
export async function traced<T>(tracer: Tracer, start: SpanStart, work: () => Promise<T>): Promise<T> {
  const span = tracer.start(start);
  try {
    const done = await inTrace(span.context, work);
    span.end({ failed: false });
    return done;
  } catch (thrown) {
    span.end({ failed: true });
    throw thrown;
  }
}
