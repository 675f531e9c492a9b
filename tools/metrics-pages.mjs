// The page and the dashboard of the operator's figures, from their one declaration.
import { code, codes, HEAD, table } from './page-parts.mjs';

/** Every figure an operator can watch. */
export function metricsPage({ METRICS, PROCESS_METRICS }) {
  const row = ({ name, kind, labels, help }) => [code(name), kind, codes([...labels]), help];
  const rows = Object.values(METRICS).map(row);
  const others = Object.entries(PROCESS_METRICS).flatMap(([process, figures]) =>
    Object.values(figures).map((figure) => [code(process), ...row(figure)]),
  );
  return `${HEAD}# Metrics

With \`METRICS_PORT\` set, each service of the broker serves \`GET /metrics\` in Prometheus' text format on that port, on the loopback address unless
\`METRICS_HOST\` says otherwise, and beside these the figures of its Node process (\`libs/chassis/src/metrics/metrics.spec.ts\`). What companies reach
has no such route. No label carries an organisation, a person, a machine or an id. \`docker/grafana/interlock.json\` is a dashboard of them.

${table(['metric', 'kind', 'labels', 'what it says'], rows)}

## Agents, gateways, relays, scanners

With the same two settings each of them serves \`GET /metrics\`, \`GET /live\` and \`GET /ready\` on that port, apart from whatever strangers reach
(\`libs/company-side/src/operator/operator-port.spec.ts\`); the ready line names it as \`metrics\`. \`/ready\` is 503 with the checks that say no, such as a broker that
is away: what is open goes on all the same, so start nothing again for it. A service of the broker has \`/live\` and \`/ready\` on its \`PORT\`.

${table(['process', 'metric', 'kind', 'labels', 'what it says'], others)}
`;
}

const QUERIES = {
  histogram: ({ name, labels }) =>
    `histogram_quantile(0.99, sum by (le, service, ${labels[0]}) (rate(${name}_bucket[5m])))`,
  counter: ({ name, labels }) => `sum by (service, ${labels.join(', ')}) (rate(${name}[5m]))`,
  gauge: ({ name }) => name,
};

/** A Grafana dashboard with a panel for each figure. */
export function dashboard({ METRICS, PROCESS_METRICS }) {
  const all = [METRICS, ...Object.values(PROCESS_METRICS)].flatMap((figures) => Object.values(figures));
  const once = [...new Map(all.toReversed().map((metric) => [metric.name, metric])).values()].toReversed();
  const panels = once.map((metric, nth) => ({
    id: nth + 1,
    type: 'timeseries',
    title: metric.help,
    datasource: { type: 'prometheus', uid: '$datasource' },
    gridPos: { x: (nth % 2) * 12, y: Math.floor(nth / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit: metric.kind === 'histogram' ? 's' : 'short' }, overrides: [] },
    targets: [{ refId: 'A', expr: QUERIES[metric.kind](metric) }],
  }));
  const source = { name: 'datasource', type: 'datasource', query: 'prometheus' };
  const whole = { title: 'Interlock', uid: 'interlock', schemaVersion: 39, templating: { list: [source] }, panels };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
