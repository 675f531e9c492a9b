import * as contracts from '@interlock/contracts';
import {
  EVIDENCE_OF_AGENT_ROUTES,
  EVIDENCE_OF_CONSUMERS,
  EVIDENCE_OF_GATEWAY_ROUTES,
  EVIDENCE_OF_REQUESTS,
  EVIDENCE_OF_WORKERS,
  type Leaves,
} from '@interlock/contracts';
import { EVIDENCE_KINDS, type EvidenceKind, type EvidenceWriter, WRITERS_OF } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { textOf, trackedFiles } from './repository.js';

/** Where each writer's records are made. */
const SOURCES: Readonly<Record<EvidenceWriter, string>> = {
  'trust-registry': 'apps/trust-registry/src',
  grants: 'apps/grants/src',
  'data-router': 'apps/data-router/src',
  'federation-api': 'apps/federation-api/src',
  audit: 'apps/audit/src',
  operator: 'apps/cli/src/commands/backup apps/cli/src/commands/operator',
  gateway: 'apps/edge-gateway/src',
};
const tracked = trackedFiles(/\.ts$/);
const filesUnder = (folder: string) => tracked.filter((file) => file.startsWith(`${folder}/`));
const isSpec = (file: string) => file.endsWith('.spec.ts');
const sourcesUnder = (folder: string) =>
  filesUnder(folder)
    .filter((file) => !isSpec(file))
    .map((file) => textOf(file));
/** What every service says of itself is written in one place. */
const OF_ITSELF = textOf('libs/chassis/src/service/say-operation.ts');
const SERVICES = ['trust-registry', 'grants', 'data-router', 'federation-api', 'audit'];
const texts = new Map(
  Object.entries(SOURCES).map(([writer, folders]) => {
    const own = folders.split(' ').flatMap(sourcesUnder);
    return [writer, [...own, ...(SERVICES.includes(writer) ? [OF_ITSELF] : [])].join('\n')] as const;
  }),
);
const specs = [...filesUnder('apps'), ...filesUnder('libs'), ...filesUnder('test')]
  .filter((file) => !file.startsWith('test/architecture'))
  .filter((file) => isSpec(file) || file.startsWith('test/') || file.includes('/test/'))
  .map((file) => textOf(file))
  .join('\n');
const kindsOf = (leaves: object): readonly EvidenceKind[] =>
  Array.isArray(leaves) ? (leaves as readonly EvidenceKind[]) : [];
const writes = (writer: string, kind: string) => texts.get(writer)?.includes(`'${kind}'`) === true;

const found = (folder: string, pattern: RegExp) =>
  sourcesUnder(folder)
    .flatMap((text) => [...text.matchAll(pattern)])
    .map((match) => match.slice(1).join(' '))
    .sort();
const durables = SERVICES.flatMap((app) => found(`apps/${app}/src`, /durable: '([^']+)'/g)).sort();
const workersIn = (folder: string) => found(folder, /name: '([a-z-]+)',\s*everyMs/g);
const agentRoutes = found('apps/company-agent/src', /app\.(post|put|delete|patch)\(\s*'([^']+)'/g)
  .map((route) => route.replace(/^\w+/, (verb) => verb.toUpperCase()))
  .concat('POST /login/token', 'POST /session/token')
  .sort();
const handRoutes = found('apps/edge-gateway/src/plant', /case '((?:POST|PUT|DELETE) [^']+)'/g);

interface Question {
  readonly name: string;
  readonly service: string;
}
const questions = (Object.values(contracts) as unknown[]).filter(
  (one): one is Question => typeof one === 'object' && one !== null && 'service' in one && 'ask' in one,
);

describe('what changes something leaves evidence', () => {
  const complete = (names: readonly string[], table: Readonly<Record<string, unknown>>) =>
    expect(Object.keys(table).sort()).toEqual([...new Set(names)].sort());

  it('every question, consumer, worker, route of an agent and hand on a gateway says which, or why none', () => {
    complete(
      questions.map(({ name }) => name),
      EVIDENCE_OF_REQUESTS,
    );
    complete(durables, EVIDENCE_OF_CONSUMERS);
    complete(
      [...SERVICES.flatMap((app) => workersIn(`apps/${app}/src`)), ...workersIn('libs/chassis/src')],
      EVIDENCE_OF_WORKERS,
    );
    complete(agentRoutes, EVIDENCE_OF_AGENT_ROUTES);
    complete(handRoutes, EVIDENCE_OF_GATEWAY_ROUTES);
  });

  it('and its service writes each of these kinds', () => {
    const rows: [string, Leaves][] = [
      ...questions.map(({ name, service }): [string, Leaves] => [service, EVIDENCE_OF_REQUESTS[name] ?? []]),
      ...Object.entries(EVIDENCE_OF_CONSUMERS).map(([name, leaves]): [string, Leaves] => [
        name.split('_')[0] ?? '',
        leaves,
      ]),
      ...Object.values(EVIDENCE_OF_GATEWAY_ROUTES).map((leaves): [string, Leaves] => ['gateway', leaves]),
    ];
    for (const [writer, leaves] of rows)
      for (const kind of kindsOf(leaves)) {
        expect([writer, kind, WRITERS_OF[kind]]).toEqual([writer, kind, expect.arrayContaining([writer])]);
        expect([writer, kind, writes(writer, kind)]).toEqual([writer, kind, true]);
      }
    const journal = textOf('apps/company-agent/src/own/own-store.ts');
    for (const leaves of Object.values(EVIDENCE_OF_AGENT_ROUTES)) {
      if ('own' in leaves) expect([leaves.own, journal.includes(`kind: '${leaves.own}'`)]).toEqual([leaves.own, true]);
      if ('asks' in leaves) expect(EVIDENCE_OF_REQUESTS).toHaveProperty([leaves.asks]);
    }
  });

  it.each(EVIDENCE_KINDS)(
    '%s is written by everybody the table names, and by nobody else, and a test names it',
    (kind) => {
      for (const [writer] of texts) {
        const may = WRITERS_OF[kind].some((one) => one === writer);
        if (may) expect([writer, writes(writer, kind)]).toEqual([writer, true]);
      }
      expect(specs).toContain(`'${kind}'`);
    },
  );

  it('a question, a consumer and a worker that say nothing are found where they are planted', () => {
    expect(() => complete([...questions.map(({ name }) => name), 'grants.new.v1'], EVIDENCE_OF_REQUESTS)).toThrow();
    expect([..."subscribe({ durable: 'grants_new' })".matchAll(/durable: '([^']+)'/g)]).toHaveLength(1);
    expect(() => complete([...durables, 'grants_new'], EVIDENCE_OF_CONSUMERS)).toThrow();
    expect(durables.length).toBeGreaterThan(5);
    expect(agentRoutes.length).toBeGreaterThan(10);
  });
});
