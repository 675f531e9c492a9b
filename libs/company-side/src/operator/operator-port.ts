import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FiguresOf, PROCESS_METRICS, type ProcessWithMetrics } from '@interlock/contracts';
import { z } from 'zod';

/** Where a process tells its operator how it is; without a port it tells nobody. */
export const OPERATOR_SETTINGS = {
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
};

export interface OperatorPortOptions<P extends ProcessWithMetrics> {
  readonly process: P;
  readonly at: { readonly METRICS_PORT?: number | undefined; readonly METRICS_HOST: string };
  /** What keeps the process from its work, by the name of a check, each in fixed words; empty where nothing does. */
  readonly troubles: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  readonly figures: FiguresOf<P>;
}

export interface OperatorPort {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /live`, `GET /ready` and `GET /metrics` (Prometheus' text format 0.0.4) on a port of its own, apart from whatever strangers reach. It names checks
 * and counts, and no company, person, machine or id. Undefined where the settings name no port.
 */
export async function openOperatorPort<P extends ProcessWithMetrics>(
  options: OperatorPortOptions<P>,
): Promise<OperatorPort | undefined> {
  const { METRICS_PORT: port, METRICS_HOST: host } = options.at;
  if (port === undefined) return undefined;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const route = `${request.method} ${request.url}`;
    const answered =
      route === 'GET /ready'
        ? ready(options, response)
        : route === 'GET /metrics'
          ? metrics(options, response)
          : undefined;
    if (answered) answered.catch(() => response.writeHead(500).end());
    else if (route === 'GET /live') json(response, 200, { live: true });
    else response.writeHead(404).end();
  });
  server.maxConnections = 64;
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function ready(
  { troubles }: Pick<OperatorPortOptions<ProcessWithMetrics>, 'troubles'>,
  response: ServerResponse,
) {
  const found = await troubles();
  const isReady = Object.keys(found).length === 0;
  json(response, isReady ? 200 : 503, { ready: isReady, troubles: found });
}

async function metrics<P extends ProcessWithMetrics>(options: OperatorPortOptions<P>, response: ServerResponse) {
  const of = `{service="${options.process}"`;
  const reading = options.figures as Readonly<Record<string, () => number>>;
  const lines = Object.entries(PROCESS_METRICS[options.process]).flatMap(([key, { name, help }]) => {
    const value = reading[key]?.();
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...(value === undefined ? [] : [`${name}${of}} ${value}`]),
    ];
  });
  const found = Object.keys(await options.troubles()).map(
    (check) => `${PROCESS_METRICS[options.process].troubles.name}${of},check="${check}"} 1`,
  );
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const own = [
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes${of}} ${rss}`,
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total${of}} ${(user + system) / 1e6}`,
  ];
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(`${[...lines, ...found, ...own].join('\n')}\n`);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
