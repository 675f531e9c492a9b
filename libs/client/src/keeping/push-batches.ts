import { handOver, postTo, type TlsFiles, webhookHeaders } from '@interlock/company-side';
import type { KeptBatch, KeptBatches } from './kept-batches.js';
import type { Positions } from './positions.js';

export interface PushBatches {
  readonly kept: KeptBatches;
  readonly positions: Positions;
  /** Under which name its position is kept. */
  readonly reader: string;
  readonly to: URL;
  readonly tls: TlsFiles;
  readonly key: Buffer;
  readonly now: () => number;
  readonly rest: (milliseconds: number) => Promise<void>;
  readonly onWaiting: (why: string, milliseconds: number) => void;
  readonly stop: AbortSignal;
}

const MOST = 100;

/**
 * Pushes what is kept to a webhook until the signal: NDJSON, signed, in order, one message at a time. The position moves when a message was taken and
 * never before: killed anywhere, at most the last message comes twice, under the same `webhook-id`.
 */
export async function pushBatches(push: PushBatches): Promise<void> {
  const { kept, positions, reader, to, tls, key, now, stop } = push;
  const take = (some: readonly KeptBatch[]) => {
    const body = Buffer.from(some.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const id = `${some[0]?.batch}-${some.length}`;
    const headers = webhookHeaders(key, { id, body }, now());
    return postTo(to, tls, body, { 'content-type': 'application/x-ndjson', ...headers });
  };
  while (!stop.aborted) {
    await handOver<KeptBatch>({
      ...{ next: (most) => kept.read(positions.of(reader) ?? kept.first, most), take, most: MOST, stop },
      taken: (some) => positions.move(reader, (some.at(-1)?.offset ?? 0) + 1),
      onWaiting: push.onWaiting,
      rest: push.rest,
    });
    if (!stop.aborted && kept.next <= (positions.of(reader) ?? kept.first)) await untilKept(kept, stop);
  }
}

function untilKept(kept: KeptBatches, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      forget();
      stop.removeEventListener('abort', done);
      resolve();
    };
    const forget = kept.onKept(done);
    stop.addEventListener('abort', done);
  });
}
