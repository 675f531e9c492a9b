import { describe, expect, it } from '@jest/globals';
import { batched, type EventBatch, type Numbered } from './batched.js';

const never = () => new Promise<void>(() => undefined);

async function* these(...events: readonly object[]): AsyncGenerator<Numbered> {
  for (const [at, event] of events.entries()) yield { at, event };
}

async function all(events: AsyncIterable<Numbered>, bytes: number, linger = never): Promise<EventBatch[]> {
  const found: EventBatch[] = [];
  for await (const batch of batched(events, { bytes, linger })) found.push(batch);
  return found;
}

const bodyOf = ({ texts }: EventBatch) => `[${texts.join(',')}]`;

describe('events in batches', () => {
  it('keep their order and numbers, and no batch is larger than was said, to the byte', async () => {
    const events = Array.from({ length: 50 }, (_, n) => ({ id: `${n}`, text: 'ü'.repeat(n) }));
    for (const bytes of [130, 131, 132, 400]) {
      const batches = await all(these(...events), bytes);
      expect(batches.flatMap(({ texts }) => texts.map((text) => JSON.parse(text) as object))).toEqual(events);
      expect(batches.flatMap(({ numbers }) => numbers)).toEqual(events.map((_, at) => at));
      for (const batch of batches) expect(Buffer.byteLength(bodyOf(batch))).toBeLessThanOrEqual(bytes);
    }
  });

  it('name what no batch can hold, and go on with the others', async () => {
    const [batch] = await all(these({ id: 'a' }, { id: 'b'.repeat(100) }, { id: 'c' }), 60);
    expect(batch).toMatchObject({ texts: ['{"id":"a"}', '{"id":"c"}'], numbers: [0, 2], tooLarge: [{ at: 1 }] });
  });

  it('do not wait for company longer than they may linger', async () => {
    const came = new EventTarget();
    async function* slow(): AsyncGenerator<Numbered> {
      yield { at: 1, event: { id: 'first' } };
      await new Promise((done) => came.addEventListener('second', done, { once: true }));
      yield { at: 2, event: { id: 'second' } };
    }
    const batches = batched(slow(), { bytes: 1_000, linger: () => Promise.resolve() });
    expect((await batches.next()).value).toMatchObject({ numbers: [1] });
    came.dispatchEvent(new Event('second'));
    expect((await batches.next()).value).toMatchObject({ numbers: [2] });
    expect((await batches.next()).done).toBe(true);
  });

  it('read one event ahead of whoever takes them, and no more', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Numbered> {
      for (;;) {
        read += 1;
        yield { at: read, event: { id: 'x'.repeat(40) } };
      }
    }
    const batches = batched(counted(), { bytes: 60, linger: never });
    await batches.next();
    await new Promise((done) => setImmediate(done));
    expect(read).toBeLessThanOrEqual(3);
  });

  it('end with the fault of their source', async () => {
    async function* broken(): AsyncGenerator<Numbered> {
      yield { at: 1, event: {} };
      throw new Error('the disk is gone');
    }
    await expect(all(broken(), 1_000)).rejects.toThrow('the disk is gone');
  });
});
