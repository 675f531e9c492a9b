// Writes the generated pages of docs/ and the generated files of docker/ from the code: `node tools/generate-pages.mjs` after a build.
// test/architecture/generated-pages.spec.ts makes the same pages from the sources and compares.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { decisionsPage } from './decisions-page.mjs';
import { dashboard, metricsPage } from './metrics-pages.mjs';
import { code, codes, HEAD, table } from './page-parts.mjs';
import { REFUSAL_SOURCES, refusalsPage } from './refusals-page.mjs';
import { ROOT } from './run.mjs';
import { wordsTable } from './term-words.mjs';

const EVENT_SOURCES = 'libs/contracts/src';
const HTTP_SOURCES = ['apps/federation-api/src', 'libs/chassis/src/service'];

/** An event is heard by somebody, or here is why not yet. */
const WHY_UNHEARD = {
  'annex.expiring.v1': 'nobody yet: agents are told by their inbox, and the log keeps it; kept for event feeds',
  'checkpoint.made.v1':
    'nobody: witnesses are asked by news of it and on a beat of the API, so that a lost word delays little',
  'flow.routed.v1': 'nobody yet: kept for whatever shows routes to people',
  'flow.unrouted.v1': 'nobody yet: kept for whatever shows routes to people',
};

/** Sources under a folder of the repository, by path from its root; no specifications. */
function sources(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

const serviceSources = (services) =>
  services.flatMap((service) => sources(`apps/${service}/src`).map((one) => ({ ...one, service })));

/** Declared events with the sentence above each declaration. */
function declaredEvents(contracts) {
  const texts = sources(EVENT_SOURCES);
  return Object.entries(contracts)
    .filter(([, value]) => value?.schema?.shape !== undefined && /^[a-z].*\.v\d+$/.test(value.name ?? ''))
    .map(([constant, { name, schema }]) => {
      const declared = new RegExp(`/\\*\\* ([^*]+) \\*/\\nexport const ${constant} = defineEvent\\(`);
      const from = texts.find(({ text }) => declared.test(text));
      if (!from) throw new Error(`${constant} has no sentence above its declaration in ${EVENT_SOURCES}`);
      return { constant, name, fields: Object.keys(schema.shape), sentence: declared.exec(from.text)[1] };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a name stands for in the same file, through names that stand for names. */
const rowNamed = (text, name) => {
  const [, body, other] = new RegExp(`const ${name}(?:: \\w+)? = (?:\\{([^}]*)\\}|(\\w+);)`).exec(text) ?? [];
  return other === undefined ? body : rowNamed(text, other);
};

/** The services that the first access row after a place in a text lets in. */
const allowedIn = (text, from, where) => {
  const row = /access(?:: (?:(\w+)|\{([^}]*)\}))?,/.exec(text.slice(from));
  const body = row === null ? '' : (row[2] ?? rowNamed(text, row[1] ?? 'access'));
  const services = /services: \[([^\]]*)\]/.exec(body ?? '')?.[1];
  if (services === undefined) throw new Error(`${where} has no access row that can be read`);
  return [...services.matchAll(/'([\w-]+)'/g)].map((match) => match[1]);
};

/** Where a service says an event, hears one, or answers a question: constant, service, and who may send what is heard. */
function inServices(services, pattern, withAccess = true) {
  return serviceSources(services).flatMap(({ file, text, service }) =>
    [...text.matchAll(pattern)].map(({ 1: constant, index }) => ({
      constant,
      service,
      allowed: withAccess ? allowedIn(text, index, `${file}: ${constant}`) : [],
    })),
  );
}

/** Every event with who says it and who hears it, and the streams that carry them. */
export function eventsPage(contracts) {
  const { SERVICES, STREAMS } = contracts;
  const said = inServices(SERVICES, /\bappend\(\s*tx,\s*(\w+),/g, false);
  const heard = inServices(SERVICES, /\bsubscribe\(\{\s*event: (\w+),/g);
  const events = declaredEvents(contracts).map(({ constant, name, fields, sentence }) => {
    const sayers = said.filter((one) => one.constant === constant).map((one) => one.service);
    const hearers = heard.filter((one) => one.constant === constant);
    if (sayers.length === 0) throw new Error(`nobody says ${name}`);
    const stranger = hearers.find(({ allowed }) => allowed.some((service) => !sayers.includes(service)));
    if (stranger) throw new Error(`${stranger.service} takes ${name} from a service that never says it`);
    if ((hearers.length === 0) !== name in WHY_UNHEARD) throw new Error(`${name}: hearers and WHY_UNHEARD disagree`);
    const by = WHY_UNHEARD[name] ?? codes(hearers.map((one) => one.service));
    return [code(name), sentence, codes(fields), codes(sayers), by];
  });
  const streams = STREAMS.map((one) => [
    code(one.name),
    codes(one.subjects),
    `${one.keepDays} days`,
    `${one.duplicateWindowSeconds} s`,
    one.replicas,
  ]);
  return `${HEAD}# Events

Facts on the broker's internal bus, appended in the transaction of what happened and sent from there. The subject is
\`fact.SENDER.EVENT\`, and the bus server lets a service speak under its own name alone. No company hears this bus.

${table(['event', 'what happened', 'carries', 'said by', 'heard by'], events)}

## Streams

${table(['stream', 'subjects', 'kept', 'duplicates dropped within', 'copies in a cluster'], streams)}
`;
}

/** Routes of the controllers in one text: method, path, who may call, and why where anyone may. */
export function routesOf({ file, text }) {
  const controller = /@Controller\((?:'([^']*)')?\)/.exec(text);
  if (!controller) return [];
  const marks = [...text.matchAll(/@(Get|Post|Put|Patch|Delete|Head|All)\((?:'([^']*)')?\)/g)];
  return marks.map(({ 1: verb, 2: path, index }, nth) => {
    const route = `${verb.toUpperCase()} /${[controller[1], path].filter(Boolean).join('/')}`;
    const body = text.slice(index, marks[nth + 1]?.index);
    const row = /@Access\(\{\s*actor: (?:'(\w+)'|\[([^\]]*)\])(?:,\s*because:\s*'([^']*)')?,?\s*\}\)/.exec(body);
    if (!row) throw new Error(`${file}: ${route} has no access row that can be read`);
    const actors = row[1] === undefined ? [...row[2].matchAll(/'(\w+)'/g)].map((match) => match[1]) : [row[1]];
    return { route, actors, because: row[3] ?? '' };
  });
}

/** Who may call what: the routes of the federation API, and the questions services put to each other. */
export function accessPage(contracts) {
  const routes = HTTP_SOURCES.flatMap(sources).flatMap(routesOf);
  const questions = inServices(contracts.SERVICES, /\banswer\(\{\s*request: (\w+),/g).map((one) => [
    code(contracts[one.constant].name),
    code(one.service),
    codes(one.allowed),
  ]);
  return `${HEAD}# Access

A route or a handler without an access row does not start, and a row lets in whom it names and nobody else
(\`libs/chassis/src/http/edge.spec.ts\`, \`libs/chassis/src/bus/requests.spec.ts\`). A row says which **kind** of caller may ask; whose
things he sees is decided by the service that owns them, for his organisation alone.

## HTTP routes

Callers prove a published key over method, target, body and origin of each request. \`agent\` is a company's agent, \`gateway\` one of its
enforcement points, \`connector\` a person with a login proof of the own company, or a machine or workload with a certified key.
\`GET /v1/channel\` (WebSocket) is for \`agent\` and \`gateway\`, by the same proof. \`/live\` and \`/ready\` are for the operator.

${table(
  ['route', 'who', 'why anyone may'],
  routes
    .sort((a, b) => (a.route.split(' ')[1] < b.route.split(' ')[1] ? -1 : 1))
    .map(({ route, actors, because }) => [code(route), codes(actors), because]),
)}

## Questions between services

Put on the internal bus as \`ask.CALLER.QUESTION\`; which service asks, the bus server enforces through the subject.

${table(
  ['question', 'answered by', 'who may ask'],
  questions.sort((a, b) => (a[0] < b[0] ? -1 : 1)),
)}
`;
}

const TERM_CASES = 'apps/edge-gateway/test/terms';

/** What each place in the order says, for the page of terms. */
const PLACE_WORDS = {
  identity: 'names the clause',
  both: 'any change needs both',
  fewer: 'narrower: fewer',
  more: 'narrower: more',
  less: 'narrower: less',
};
const placeWords = (place) => (typeof place === 'string' ? PLACE_WORDS[place] : `narrower: ${place.words}`);

/** What a case of a term says about itself, read from its source. */
function caseOf(type, text) {
  const said = (member) => new RegExp(`^  ${member}:\\s*'([^']+)'`, 'm').exec(text ?? '')?.[1];
  const [permits, refuses, refusal] = [said('permits'), said('refuses'), said('code')];
  if (!permits || !refuses || !refusal)
    throw new Error(`the term ${type} has no case that permits and one that refuses in ${TERM_CASES}/${type}.ts`);
  return { permits, refuses, refusal };
}

/** Every kind of term with its evaluator, its place in the order and its two cases; a missing cell is an error. */
export function termsPage(terms, textOf) {
  const rows = Object.entries(terms).map(([type, term]) => {
    const rule = `libs/domain/src/${term.evaluator}.ts`;
    if (textOf(rule) === undefined) throw new Error(`the term ${type} names an evaluator that is not there: ${rule}`);
    if (!term.meaning || term.points.length === 0) throw new Error(`the term ${type} has no meaning, or no evaluator`);
    return { type, term, rule, ...caseOf(type, textOf(`${TERM_CASES}/${type}.ts`)) };
  });
  const parts = rows.map(({ type, term, rule, permits, refuses, refusal }) => {
    const places = Object.entries(term.order).map(([member, place]) => [code(member), placeWords(place)]);
    return `## ${type}

${term.meaning[0].toUpperCase()}${term.meaning.slice(1)}. Decided by \`${rule}\` at ${term.points.join(', ')}.

- permits: ${permits}
- refuses: ${refuses} (\`${refusal}\`)

${table(
  ['member', 'place in the order'],
  [...places, ['to add the term', `${term.added}`], ['to strike the term', `${term.removed}`]],
)}`;
  });
  return `${HEAD}# Terms

What an agreement can say, each kind declared once in \`libs/domain/src/term\`. A version with a term of any other kind, or with one that an enforcement
point in its scope cannot evaluate, does not take effect, and the refusal names the term. The cases run at the decision of a gateway:
\`apps/edge-gateway/src/terms.spec.ts\`. "Narrower" is what one side alone may do; all else needs every party ([how to add a term](adding-a-term.md)).

${table(
  ['term', 'evaluator', 'evaluated by', 'refusal in its case'],
  rows.map(({ type, term, rule, refusal }) => [
    `[${type}](#${type})`,
    code(rule),
    term.points.join(', '),
    code(refusal),
  ]),
)}

${parts.join('\n\n')}

## By the word

${wordsTable(textOf(`${TERM_CASES}/words.ts`), (type) => caseOf(type, textOf(`${TERM_CASES}/${type}.ts`)))}
`;
}

const textOrNothing = (file) => (existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : undefined);

/** The internal bus's configuration for containers: as the trial's, with each password taken from the environment. */
export function busConfig({ internalBusConfig, SERVICES }) {
  // Long enough for a password, so that the function takes it for one.
  const stand = (service) => `stands-for-the-password-of-${service}`;
  const whole = internalBusConfig(Object.fromEntries(SERVICES.map((one) => [one, stand(one)])));
  const text = SERVICES.reduce(
    (all, one) => all.replace(`"${stand(one)}"`, () => `$BUS_${one.toUpperCase().replaceAll('-', '_')}_PASSWORD`),
    whole.slice(whole.indexOf('\n') + 1),
  );
  const stored = text.replace('jetstream: {}', 'jetstream: { store_dir: "/var/lib/interlock/bus" }');
  if (stored === text) throw new Error('internalBusConfig no longer says "jetstream: {}"');
  const secured = 'tls { cert_file: "/run/secrets/inside_certificate", key_file: "/run/secrets/inside_key" }\n';
  return `# Made by tools/generate-pages.mjs from libs/contracts; do not edit. Passwords come from the environment of the server.\n${stored}${secured}`;
}

/**
 * The pages as they should be, by path from the root of the repository.
 *
 * @returns {Promise<Record<string, string>>}
 * @throws {Error} that names what has no access row, no sentence or no sender
 */
export async function generatePages() {
  const contracts = await import('@interlock/contracts');
  const { TERMS } = await import('@interlock/domain');
  const source = REFUSAL_SOURCES.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  return {
    'docs/refusals.md': refusalsPage(contracts, source),
    'docs/events.md': eventsPage(contracts),
    'docs/access.md': accessPage(contracts),
    'docs/terms.md': termsPage(TERMS, textOrNothing),
    'docs/decisions/README.md': decisionsPage(),
    'docs/metrics.md': metricsPage(contracts),
    'docker/grafana/interlock.json': dashboard(contracts),
    'docker/nats/bus.conf': busConfig(contracts),
  };
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  for (const [file, text] of Object.entries(await generatePages())) writeFileSync(join(ROOT, file), text);
}
