import { PROCESS_METRICS } from '@interlock/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type OperatorPort, openOperatorPort } from './operator-port.js';

let open: OperatorPort | undefined;
afterEach(() => open?.close());

async function at(troubles: Record<string, string>, port: number | undefined = 0) {
  open = await openOperatorPort({
    process: 'relay',
    at: { METRICS_PORT: port, METRICS_HOST: '127.0.0.1' },
    troubles: () => troubles,
    figures: { waiting: () => 3, pairs: () => 2 },
  });
  return (path: string, method = 'GET') => fetch(`http://127.0.0.1:${open?.port}${path}`, { method });
}

describe("the operator's port of a process", () => {
  it('says that it lives, that it is ready, and how much it does', async () => {
    const ask = await at({});
    expect(await (await ask('/live')).json()).toEqual({ live: true });
    expect(await (await ask('/ready')).json()).toEqual({ ready: true, troubles: {} });
    const text = await (await ask('/metrics')).text();
    expect(text).toContain('interlock_relay_waiting{service="relay"} 3\n');
    expect(text).toContain('interlock_relay_pairs{service="relay"} 2\n');
    expect(text).toMatch(/^process_resident_memory_bytes\{service="relay"\} \d+$/m);
    expect(text).not.toContain('interlock_not_ready{');
  });

  it('names what keeps it from its work, and lives all the same', async () => {
    const ask = await at({ clamd: 'does not answer' });
    const answer = await ask('/ready');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ready: false, troubles: { clamd: 'does not answer' } },
    ]);
    expect((await ask('/live')).status).toBe(200);
    expect(await (await ask('/metrics')).text()).toContain('interlock_not_ready{service="relay",check="clamd"} 1\n');
  });

  it('has nothing else, and is not there without a setting', async () => {
    const ask = await at({});
    for (const [path, method] of [
      ['/', 'GET'],
      ['/metrics', 'POST'],
      ['/state', 'GET'],
    ] as const)
      expect((await ask(path, method)).status).toBe(404);
    await open?.close();
    open = await openOperatorPort({
      process: 'relay',
      at: { METRICS_PORT: undefined, METRICS_HOST: '127.0.0.1' },
      troubles: () => ({}),
      figures: { waiting: () => 0, pairs: () => 0 },
    });
    expect(open).toBeUndefined();
  });
});

it('no declared figure of a process can name who works with whom', () => {
  const declared = Object.values(PROCESS_METRICS).flatMap((figures) => Object.values(figures));
  expect(declared.length).toBeGreaterThan(10);
  for (const { labels } of declared) expect(labels.filter((label) => label !== 'check')).toEqual([]);
});
