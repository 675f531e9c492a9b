import type { Signer } from '@interlock/proof';
import { beforeAll, expect, it } from '@jest/globals';
import type { Broker } from './a-broker.js';
import { call, ok, proofFor } from './a-caller.js';
import { type Agreed, agreed, granted } from './two-companies.js';

interface Operation {
  readonly 'x-interlock-actors'?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Readings that hold arrays and are no lists: one document, or one proof, that is worth nothing in pieces. */
const WHOLE = [
  '/.well-known/authzen-configuration',
  '/.well-known/oauth-authorization-server',
  // No company keeps more of them than fit one page: see keep-draft.command.ts.
  '/v1/agreements/drafts',
  '/v1/agreements/{id}/standing',
  '/v1/audit/checkpoint',
  '/v1/audit/consistency',
  '/v1/audit/counts',
  // As many as a log has parties.
  '/v1/audit/holds/{log}',
  '/v1/entities/{root}',
  '/v1/grants/{id}',
  '/v1/grants/{id}/chain',
];

/** What holds for every list that the running edge describes, whatever it lists; shares the broker of its caller. */
export function eachList(world: () => { readonly broker: Broker; readonly pair: Agreed }): void {
  let broker: Broker;
  let pair: Agreed;
  let lists: { path: string; rows: string; operation: Operation }[];
  let readings: { path: string; operation: Operation }[];

  beforeAll(async () => {
    ({ broker, pair } = world());
    for (const _more of [1, 2]) await agreed(broker, pair.who);
    for (const _more of [1, 2, 3]) await granted(broker, pair);
    const description = (await (await fetch(`${broker.url}/openapi.json`)).json()) as Description;
    readings = Object.entries(description.paths).flatMap(([path, { get }]) => (get ? [{ path, operation: get }] : []));
    lists = readings.flatMap(({ path, operation }) => {
      const schema = operation.responses['200']?.content?.['application/json']?.schema;
      const whole = schema?.$ref ? description.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : schema;
      const rows = Object.entries(whole?.properties ?? {}).find(([, { type }]) => type === 'array')?.[0];
      return rows === undefined || WHOLE.includes(path) ? [] : [{ path, rows, operation }];
    });
  }, 60_000);

  const buyer = () => pair.who.buyerAgent.signer;
  const targetOf = (path: string, query = '') => {
    const all = [path.includes('/audit/') ? `log=${pair.agreement.id}` : '', query].filter(Boolean).join('&');
    return all === '' ? path : `${path}?${all}`;
  };
  const raw = async (target: string, as: Signer, headers: Record<string, string> = {}, url = broker.url) =>
    fetch(`${url}${target}`, { headers: { authorization: await proofFor(broker, as, 'GET', target), ...headers } });

  it('is known, and takes a limit and the place to go on from', () => {
    expect(lists.map(({ path }) => path).toSorted()).toEqual(['/v1/agreements', '/v1/audit/events', '/v1/grants']);
    for (const { operation } of lists)
      expect(operation.parameters?.map(({ name }) => name)).toEqual(expect.arrayContaining(['after', 'limit']));
  });

  it('is the same in pages of one as in one page', async () => {
    for (const { path, rows } of lists) {
      const page = (query: string) =>
        ok<Record<string, unknown[]> & { next?: unknown }>(call(broker, buyer(), 'GET', targetOf(path, query)));
      const inOne = await page('limit=500');
      expect(inOne[rows]?.length).toBeGreaterThan(2);
      expect(inOne.next ?? null).toBeNull();
      const walked: unknown[] = [];
      for (let after: unknown = ''; after !== null && walked.length < 500; ) {
        const one = await page(`limit=1${after === '' ? '' : `&after=${String(after)}`}`);
        expect(one[rows]?.length).toBeLessThanOrEqual(1);
        walked.push(...(one[rows] ?? []));
        after = one.next ?? null;
      }
      const known = (inOne[rows] ?? []).map((row) => JSON.stringify(row));
      // The log may have grown meanwhile.
      expect(walked.map((row) => JSON.stringify(row))).toEqual(
        expect.arrayContaining(path.includes('/audit/') ? [] : known),
      );
      expect(walked.length).toBeGreaterThanOrEqual(known.length);
    }
  });

  it('takes no place that is none', async () => {
    for (const { path } of lists)
      for (const query of ['after=x', 'after=-1', 'after=1.grt_x', 'limit=0', 'limit=x', 'limit=100000'])
        expect(await call(broker, buyer(), 'GET', targetOf(path, query))).toMatchObject({ code: 'malformed' });
  });

  it('has a tag like every reading: 304 while it is the same, another tag for another company', async () => {
    for (const { path } of lists.filter((list) => !list.path.includes('/audit/'))) {
      const first = await raw(targetOf(path), buyer());
      const tag = first.headers.get('etag') ?? '';
      expect(tag).toMatch(/^"[\w-]{43}"$/);
      const again = await raw(targetOf(path), buyer(), { 'if-none-match': `"other", W/${tag}` });
      expect([again.status, await again.text()]).toEqual([304, '']);
      const other = await raw(targetOf(path), buyer(), { 'if-none-match': '"other"' });
      expect([other.status, other.headers.get('etag')]).toEqual([200, tag]);
    }
    const unproven = await fetch(`${broker.url}/v1/agreements`, { headers: { 'if-none-match': '*' } });
    expect(unproven.status).toBe(401);
    for (const { operation } of readings) {
      expect(operation.parameters?.map(({ name }) => name)).toContain('If-None-Match');
      expect(operation.responses).toHaveProperty('304');
    }
  });

  it('is told to wait by its own company’s budget alone', async () => {
    const url = await broker.anotherEdge({ API_REQUESTS_PER_SECOND: '1' });
    for (const { path, operation } of lists) {
      const answers = await Promise.all(Array.from({ length: 12 }, () => raw(targetOf(path), buyer(), {}, url)));
      const limited = answers.filter(({ status }) => status === 429);
      expect(limited.length).toBeGreaterThan(0);
      expect(limited[0]?.headers.get('retry-after')).toBe('1');
      expect(await limited[0]?.json()).toMatchObject({ code: 'rate_limited' });
      expect(operation.responses).toHaveProperty('429');
    }
    expect((await raw('/v1/agreements', pair.who.vendorAgent.signer, {}, url)).status).toBe(200);
  });
}
