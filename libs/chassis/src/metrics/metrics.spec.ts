import { METRICS } from '@interlock/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';
import { type OperatorPort, openOperatorPort } from './operator-port.js';

let open: OperatorPort | undefined;
afterEach(() => open?.close());

const scraped = async (metrics: Metrics): Promise<string> => {
  open = await openOperatorPort(metrics, { host: '127.0.0.1', port: 0 });
  const response = await fetch(`http://127.0.0.1:${open.port}/metrics`);
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  return response.text();
};

describe("the operator's port", () => {
  it('tells what was counted and timed, and what is looked up when it is asked', async () => {
    const metrics = new Metrics('grants');
    metrics.count('workerRuns', { worker: 'tidy', outcome: 'done' });
    metrics.took('questions', { question: 'grants.read.v1', outcome: 'answered' }, 0.02);
    metrics.show('deadLetters', async () => [{ value: 3 }]);
    const text = await scraped(metrics);
    expect(text).toContain('interlock_worker_runs_total{worker="tidy",outcome="done",service="grants"} 1');
    expect(text).toContain(
      'interlock_question_seconds_bucket{le="0.025",service="grants",question="grants.read.v1",outcome="answered"} 1',
    );
    expect(text).toContain('interlock_dead_letters{service="grants"} 3');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('leaves out a gauge that cannot be looked up, and tells the rest', async () => {
    const metrics = new Metrics('grants');
    metrics.show('factsWaiting', () => Promise.reject(new Error('no database')));
    const text = await scraped(metrics);
    expect(text).not.toMatch(/^interlock_facts_waiting/m);
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('has nothing else', async () => {
    open = await openOperatorPort(new Metrics('grants'), { host: '127.0.0.1', port: 0 });
    expect((await fetch(`http://127.0.0.1:${open.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${open.port}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});

it('no declared figure can name who works with whom', () => {
  const labels = Object.values(METRICS).flatMap((metric) => [...metric.labels]);
  for (const label of labels) expect(label).not.toMatch(/organisation|person|subject|machine|agreement|grant|session/);
});
