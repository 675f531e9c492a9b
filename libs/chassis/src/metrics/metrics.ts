import { METRICS, type MetricDeclaration, type MetricKey } from '@interlock/contracts';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

type Labels<K extends MetricKey> = Readonly<Record<(typeof METRICS)[K]['labels'][number], string>>;
type KeyOf<Kind> = { [K in MetricKey]: (typeof METRICS)[K]['kind'] extends Kind ? K : never }[MetricKey];

/** What a gauge shows, looked up when somebody asks for it. */
export type Reading = () => Promise<
  readonly { readonly value: number; readonly labels?: Readonly<Record<string, string>> }[]
>;

/** The figures of this process. Counting costs nothing that anybody waits for; nobody sees them but through `text`. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly counted = new Map<MetricKey, Counter | Histogram>();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
    for (const [key, declared] of Object.entries(METRICS) as [MetricKey, MetricDeclaration][])
      if (declared.kind !== 'gauge') this.counted.set(key, made(declared, this.registry));
  }

  /** One more of a counter. */
  count<K extends KeyOf<'counter'>>(key: K, labels: Labels<K>): void {
    const counter = this.counted.get(key);
    if (counter instanceof Counter) counter.inc(labels);
  }

  /** One duration of a histogram. Seconds. */
  took<K extends KeyOf<'histogram'>>(key: K, labels: Labels<K>, seconds: number): void {
    const histogram = this.counted.get(key);
    if (histogram instanceof Histogram) histogram.observe(labels, seconds);
  }

  /** Shows a gauge from now on; a reading that fails leaves it out of the answer. */
  show(key: KeyOf<'gauge'>, reading: Reading): void {
    const { name, help, labels } = METRICS[key];
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      collect: async () => {
        gauge.reset();
        // Without labels a reset leaves a nought behind, which would say that all is well.
        gauge.remove({});
        for (const { value, labels: of } of await reading().catch(() => [])) gauge.set(of ?? {}, value);
      },
    });
  }

  /** Everything, in Prometheus' text format 0.0.4. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.registry.contentType, body: await this.registry.metrics() };
  }
}

function made({ kind, name, help, labels, buckets }: MetricDeclaration, registry: Registry): Counter | Histogram {
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  return kind === 'counter'
    ? new Counter(common)
    : new Histogram({ ...common, ...(buckets && { buckets: [...buckets] }) });
}
