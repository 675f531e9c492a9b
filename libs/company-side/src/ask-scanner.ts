import { request } from 'node:http';
import { scanVerdict } from '@interlock/contracts';
import type { ScanVerdict } from '@interlock/domain';

/** What a scanner says of these bytes; undefined where none answers, or what answers is no verdict. */
export type AskScanner = (bytes: Uint8Array) => Promise<ScanVerdict | undefined>;

/** Longer than the scanner gives its engine for one part; what takes longer comes again. Milliseconds. */
const DEADLINE = 30_000;
const LONGEST_ANSWER = 16 * 1024;

/** As many as a scanner looks at together; whoever comes next waits here. */
const AT_ONCE = 4;

/** Asks the scanner that listens on this unix socket. */
export function askScanner(socketPath: string): AskScanner {
  const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  let next = 0;
  return (bytes) => {
    const lane = next++ % AT_ONCE;
    const answer = (lanes[lane] ?? Promise.resolve()).then(() => ask(socketPath, bytes));
    lanes[lane] = answer;
    return answer;
  };
}

/** Never rejects: whatever goes wrong is no verdict. */
const ask = (socketPath: string, bytes: Uint8Array): Promise<ScanVerdict | undefined> =>
  new Promise((resolve) => {
    const signal = AbortSignal.timeout(DEADLINE);
    const asked = request({ socketPath, path: '/v1/scan', method: 'POST', agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST_ANSWER) asked.destroy();
        else chunks.push(chunk);
      });
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.statusCode === 200 ? verdictIn(Buffer.concat(chunks)) : undefined));
    });
    asked.on('error', () => resolve(undefined));
    asked.on('close', () => resolve(undefined));
    asked.end(bytes);
  });

function verdictIn(bytes: Buffer): ScanVerdict | undefined {
  try {
    return scanVerdict.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
