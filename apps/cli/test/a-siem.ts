import { createServer, type Server } from 'node:http';

/** A receiver of events over HTTP: the sequence numbers it was sent, in order; it emits `kept` at each, and answers those that `answers` allows. */
export function aSiem(answers: () => boolean): {
  readonly kept: readonly number[];
  readonly siem: Server;
  listen(port: number): Promise<void>;
} {
  const kept: number[] = [];
  const siem = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    kept.push(JSON.parse(body).metadata.sequence);
    siem.emit('kept');
    if (answers()) response.end();
  });
  return { kept, siem, listen: (port) => new Promise((resolve) => void siem.listen(port, '127.0.0.1', resolve)) };
}
