import { Agent, request } from 'node:http';

/** A request made ready before the clock runs. */
export interface Prepared {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

/**
 * Sends every request once over so many connections that stay open, each connection one after the other.
 *
 * @throws at the first answer that `isRight` does not take
 */
export async function load(
  origin: string,
  requests: readonly Prepared[],
  connections: number,
  isRight: (status: number, text: string) => boolean,
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const took: number[] = [];
  let next = 0;
  const send = (one: Prepared): Promise<void> =>
    new Promise((done, failed) => {
      const start = performance.now();
      const headers = { ...one.headers, 'content-length': Buffer.byteLength(one.body) };
      const asked = request(`${origin}${one.path}`, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        answer.on('end', () => {
          took.push(performance.now() - start);
          if (isRight(answer.statusCode ?? 0, text)) done();
          else failed(new Error(`${one.path} was answered with ${answer.statusCode} ${text.slice(0, 200)}`));
        });
      });
      asked.on('error', failed);
      asked.end(one.body);
    });
  const worker = async (): Promise<void> => {
    for (let one = requests[next++]; one !== undefined; one = requests[next++]) await send(one);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  took.sort((a, b) => a - b);
  return {
    perSecond: Math.round(requests.length / seconds),
    p50Ms: Number(quantile(took, 0.5).toFixed(2)),
    p99Ms: Number(quantile(took, 0.99).toFixed(2)),
  };
}
