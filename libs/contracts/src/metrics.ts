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

const gauge = (name: string, help: string): MetricDeclaration => ({ kind: 'gauge', name, help, labels: [] });
const troubles: MetricDeclaration = {
  ...METRICS.troubles,
  help: '1 for every check that keeps the process from being ready',
};

/** Every figure of the processes beside the broker's services, by process. Each is one number of the whole process, whoever it works with. */
export const PROCESS_METRICS = {
  'company-agent': {
    brokerUp: gauge('interlock_broker_up', '1 while the channel to the broker is open'),
    actsWaiting: gauge(
      'interlock_acts_waiting',
      'Cuts of this company that the broker has not taken yet; beats name them all the same',
    ),
    troubles,
  },
  'edge-gateway': {
    brokerUp: gauge('interlock_broker_up', '1 while the channel to the broker is open'),
    sessions: gauge('interlock_gateway_sessions', 'Sessions that are open now'),
    flows: gauge('interlock_gateway_flows', 'Flows of data that are open now'),
    evidenceWaiting: gauge(
      'interlock_gateway_evidence_waiting',
      'Records on the disk that the broker does not have yet',
    ),
    leasesMissing: gauge(
      'interlock_gateway_leases_missing',
      'Sides of agreements that have not said "still agreed" since the start',
    ),
    lockedOut: gauge('interlock_gateway_locked_out', '1 while the plant has everything closed'),
    troubles,
  },
  relay: {
    waiting: gauge('interlock_relay_waiting', 'Connections that wait for their partner'),
    pairs: gauge('interlock_relay_pairs', 'Pairs of connections being carried'),
    troubles,
  },
  scanner: {
    scans: gauge('interlock_scanner_scans', 'Deliveries being looked at now'),
    troubles,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MetricDeclaration>>>>;

export type ProcessWithMetrics = keyof typeof PROCESS_METRICS;
/** One number for each declared figure of a process, but for what its checks say. */
export type FiguresOf<P extends ProcessWithMetrics> = Readonly<
  Record<Exclude<keyof (typeof PROCESS_METRICS)[P], 'troubles'>, () => number>
>;
