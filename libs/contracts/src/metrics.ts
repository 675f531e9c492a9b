/** A figure a process of the broker tells its operator, in Prometheus' exposition format. */
export interface MetricDeclaration {
  readonly kind: 'histogram' | 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram. Seconds. */
  readonly buckets?: readonly number[];
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Every figure there is, beside those of the Node process itself. No label carries an organisation, a person, a machine or an id: an operator's
 * monitoring is nobody's place to learn who works with whom.
 */
export const METRICS = {
  httpRequests: {
    kind: 'histogram',
    name: 'interlock_http_request_seconds',
    help: 'Time from the request to its answer, by route pattern and status',
    labels: ['method', 'route', 'status'],
    buckets: SECONDS,
  },
  questions: {
    kind: 'histogram',
    name: 'interlock_question_seconds',
    help: 'Time another service took to answer a question over the bus; outcome is answered or failed',
    labels: ['question', 'outcome'],
    buckets: SECONDS,
  },
  factsHeard: {
    kind: 'counter',
    name: 'interlock_facts_heard_total',
    help: 'Facts taken from the bus, by consumer; outcome is done, parked or again',
    labels: ['consumer', 'outcome'],
  },
  workerRuns: {
    kind: 'counter',
    name: 'interlock_worker_runs_total',
    help: 'Runs of repeated work; outcome is done or failed',
    labels: ['worker', 'outcome'],
  },
  deadLetters: {
    kind: 'gauge',
    name: 'interlock_dead_letters',
    help: 'Messages that can never be handled, kept for a person to look at; more than none needs one',
    labels: [],
  },
  factsWaiting: {
    kind: 'gauge',
    name: 'interlock_facts_waiting',
    help: 'Facts that are committed and not yet on the bus',
    labels: [],
  },
  troubles: {
    kind: 'gauge',
    name: 'interlock_not_ready',
    help: '1 for every check that keeps the service from being ready',
    labels: ['check'],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

export type MetricKey = keyof typeof METRICS;
