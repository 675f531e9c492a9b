import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A receiver as a SIEM is one: a server of its own, that can be away, full, or die after it has kept what it then says nothing about. */
export class Siem {
  readonly kept: number[] = [];
  readonly bodies: string[] = [];
  readonly answers: unknown[] = [];
  answer: () => number | 'dies' = () => 200;
  private server: Server | undefined;
  private port = 0;

  async start(): Promise<void> {
    this.server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const status = this.answer();
      if (status === 200 || status === 'dies') {
        this.bodies.push(body);
        const answer = Buffer.from(String(request.headers['interlock-answer']), 'base64url').toString();
        this.answers.push(JSON.parse(answer));
        for (const line of body.trimEnd().split('\n')) this.kept.push(JSON.parse(line).index);
      }
      if (status === 'dies') request.socket.destroy();
      else response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  get address(): URL {
    return new URL(`http://127.0.0.1:${this.port}/in`);
  }
}
