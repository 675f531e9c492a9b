import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { parseTraceparent, type TraceContext, traceparentOf } from '@interlock/contracts';

/** The trace of the work under way in a company's own process. Nothing decides by it: it is sent along and written down (decision 0261). */
const underWay = new AsyncLocalStorage<TraceContext>();

/** Undefined outside of any request or verb. */
export const currentTrace = (): TraceContext | undefined => underWay.getStore();

/** Runs `work` as a part of the trace that `traceparent` (W3C Trace Context) names; of a new one where that is none. */
export function inTraceOf<T>(traceparent: unknown, work: (context: TraceContext) => T): T {
  const context = nextIn(parseTraceparent(traceparent));
  return underWay.run(context, () => work(context));
}

/** The `traceparent` of a request that goes out: of the trace under way, or of one of its own. */
export const outgoingTraceparent = (): string => traceparentOf(nextIn(currentTrace()));

const nextIn = (parent: TraceContext | undefined): TraceContext => ({
  traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
  sampled: parent?.sampled ?? false,
});
