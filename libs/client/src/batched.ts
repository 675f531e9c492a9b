/** An event with a number of its caller's own, by which a refusal names it. */
export interface Numbered {
  readonly at: number;
  readonly event: object;
}

/** Events that go together, as JSON texts, in the order in which they came. */
export interface EventBatch {
  readonly texts: readonly string[];
  /** Of each text. */
  readonly numbers: readonly number[];
  /** Events that no batch can hold. */
  readonly tooLarge: readonly Numbered[];
}

export interface BatchLimits {
  /** Of a batch as one JSON array, in UTF-8. */
  readonly bytes: number;
  /** How long a batch that is not full waits for its next event. */
  readonly linger: () => Promise<void>;
}

/** Events the door takes in one push. */
const MOST_EVENTS = 1_000;

/** Gathers events into batches. Reads one event ahead and no more: whoever is slow to take a batch slows down where the events come from. */
export async function* batched(
  events: AsyncIterable<Numbered>,
  { bytes, linger }: BatchLimits,
): AsyncGenerator<EventBatch> {
  const source = events[Symbol.asyncIterator]();
  let batch = emptyBatch();
  let next = ahead(source);
  for (;;) {
    const came = batch.isEmpty ? await next : await Promise.race([next, linger().then(() => 'late' as const)]);
    if (came === 'late' || came.done) {
      if (!batch.isEmpty) yield batch.whole;
      batch = emptyBatch();
      if (came !== 'late') return;
      continue;
    }
    next = ahead(source);
    const text = JSON.stringify(came.value.event);
    if (!batch.fits(text, bytes)) {
      yield batch.whole;
      batch = emptyBatch();
    }
    batch.add(came.value, text, bytes);
  }
}

/** A source that fails while a batch is being taken fails when it is asked next. */
function ahead(source: AsyncIterator<Numbered>): Promise<IteratorResult<Numbered>> {
  const next = source.next();
  next.catch(() => undefined);
  return next;
}

function emptyBatch() {
  const whole = { texts: [] as string[], numbers: [] as number[], tooLarge: [] as Numbered[] };
  let used = 2;
  const sizeOf = (text: string) => Buffer.byteLength(text) + 1;
  const isTooLarge = (text: string, bytes: number) => 2 + sizeOf(text) > bytes;
  return {
    whole,
    get isEmpty() {
      return whole.texts.length + whole.tooLarge.length === 0;
    },
    fits: (text: string, bytes: number) =>
      isTooLarge(text, bytes) || (used + sizeOf(text) <= bytes && whole.texts.length < MOST_EVENTS),
    add: (one: Numbered, text: string, bytes: number) => {
      if (isTooLarge(text, bytes)) return void whole.tooLarge.push(one);
      used += sizeOf(text);
      whole.texts.push(text);
      return void whole.numbers.push(one.at);
    },
  };
}
