import { describe, expect, it } from '@jest/globals';
import { parseTraceparent, traceparentOf } from './traceparent.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, { traceId: TRACE, spanId: SPAN, sampled: true }],
    [`00-${TRACE}-${SPAN}-00`, { traceId: TRACE, spanId: SPAN, sampled: false }],
    [`cc-${TRACE}-${SPAN}-03-what-comes-later`, { traceId: TRACE, spanId: SPAN, sampled: true }],
  ])('%s is read', (text, context) => {
    expect(parseTraceparent(text)).toEqual(context);
  });

  it('is written as it is read', () => {
    expect(traceparentOf({ traceId: TRACE, spanId: SPAN, sampled: true })).toBe(`00-${TRACE}-${SPAN}-01`);
  });

  it.each([
    ['nothing', undefined],
    ['two headers', [`00-${TRACE}-${SPAN}-01`]],
    ['no header of this kind', 'hunter2'],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a line more', `00-${TRACE}-${SPAN}-01\nx`],
    ['too much', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(256)}`],
  ])('of %s is none', (_what, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});
