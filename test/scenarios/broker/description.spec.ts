import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { explanationOf, PROBLEM_CODES, problemType } from '@interlock/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { aRegion, type TestRegion } from '../../../apps/data-router/test/a-region.js';
import { escaped } from '../../../apps/federation-api/src/description/reference-page.js';
import { aBroker, type Broker } from './a-broker.js';
import { TestChannel } from './a-caller.js';
import {
  type ApiClient,
  clientOf,
  type Description,
  type Exchange,
  examplesOf,
  schemasOf,
} from './client-of-description.js';
import { askDecisions, readAbout, readTheLog, tradeTokens } from './other-operations.js';
import { prove } from './proof-of-all.js';
import { blackened, shapesDiffer } from './same-shape.js';
import { agree, cut, deny, enter, flow, grantOf, pin, type Stage } from './seven-steps.js';
import { aConnector, anId, aPartnership, aSessionAsk } from './two-companies.js';

const asyncApiSchema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
const EXAMPLES = new URL('../../../apps/federation-api/src/description/examples.json', import.meta.url);
/** Answers that are of no use as an example: the description itself, whole pages, and bytes. */
const NO_ANSWER = [
  'openApiDescription',
  'asyncApiDescription',
  'pageDescription',
  'allErrors',
  'oneErrors',
  'tileLogs',
];

describe('the description of the API', () => {
  let region: TestRegion;
  let broker: Broker;
  let description: Description;
  let api: ApiClient;
  let stage: Stage;
  const played = new Map<string, Exchange>();
  const read = async (path: string) => (await fetch(`${broker.url}${path}`)).json();

  beforeAll(async () => {
    region = await aRegion('eu-1');
    broker = await aBroker(undefined, undefined, [region]);
    description = (await read('/openapi.json')) as Description;
    api = clientOf(broker, description);
    const who = await aPartnership(Date.now());
    stage = {
      who,
      witnesses: [
        await who.vendor.holder('witness', 'witness', ['witness']),
        await who.buyer.holder('witness', 'witness', ['witness']),
      ],
      pipeline: await who.vendor.holder('workload', 'telemetry-pipeline', ['call', 'subject']),
      region: {
        name: region.name,
        port: region.port,
        key: region.endpointKey,
        certificate: readFileSync(region.certificate, 'utf8'),
      },
      yes,
    };
  }, 60_000);
  afterAll(async () => {
    await broker?.stop();
    await region?.dispose();
  });

  /** Every write that takes an Idempotency-Key is sent twice with one, and once more with another body. */
  async function yes<T>(id: string, options: Parameters<ApiClient['call']>[1]): Promise<T> {
    const key: Record<string, string> = api.takesKey(id) ? { 'idempotency-key': anId('key') } : {};
    const asking = { ...options, headers: { ...key, ...options.headers } };
    const answer = await api.call(id, asking);
    if (answer.status !== 200) throw new Error(`${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (api.takesKey(id)) {
      const again = await api.call(id, asking);
      expect({ id, answer: again.body }).toEqual({ id, answer: answer.body });
      const other = { ...asking, body: { ...(options.body ?? {}), other: 1 }, asWritten: true };
      // An admission is judged before its key is looked at.
      const code = id === 'openSessions' ? 'malformed' : 'idempotency_key_reused';
      expect({ id, ...(await api.call(id, other)) }).toMatchObject({ id, code });
    }
    const { with: parameters, body } = options;
    played.set(id, {
      ...(parameters && { parameters }),
      ...(body !== undefined && { body }),
      status: answer.status,
      ...(!NO_ANSWER.includes(id) && answer.body !== undefined && { answer: answer.body }),
    });
    return answer.body as T;
  }

  it('is valid OpenAPI 3.1 and names every route that is served, once', async () => {
    expect(await new Validator().validate({ ...description })).toMatchObject({ valid: true });
    expect(new Set(api.ids).size).toBe(api.ids.length);
    expect(Object.keys(description.paths)).toContain('/v1/grants/{id}/signatures');
  });

  it('describes the channel in valid AsyncAPI 3.0', async () => {
    const check = new Ajv({ strict: false, validateFormats: false }).compile(asyncApiSchema);
    expect(check(await read('/asyncapi.json')) || check.errors).toBe(true);
  });

  it('is a page for people too, which runs no script', async () => {
    const response = await fetch(`${broker.url}/reference`);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('POST /v1/agreements');
    expect(page).not.toMatch(/<script/i);
    for (const [, name] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${name}"`);
  });

  it('leads from the type of every code to its page, and from a refusal that was answered', async () => {
    for (const code of PROBLEM_CODES) {
      const page = await fetch(problemType(broker.url, code));
      const { means, whoCanMend, whatToDo } = explanationOf(code) ?? { means: '' };
      expect({ code, status: page.status }).toEqual({ code, status: 200 });
      const text = await page.text();
      for (const words of [means, whoCanMend, whatToDo]) expect(text).toContain(escaped(words ?? 'nothing'));
    }
    const refused = (await read('/v1/entities/nobody')) as { type: string; code: string };
    expect(refused.type).toBe(`${broker.origin}/errors/${refused.code}`);
    const nothing = (await read('/no-such-place')) as { type: string; code: string };
    expect(nothing).toMatchObject({ type: `${broker.origin}/errors/not_found`, code: 'not_found' });
    const index = await (await fetch(`${broker.url}/errors`)).text();
    for (const code of PROBLEM_CODES) expect(index).toContain(`href="/errors/${code}"`);
    expect((await fetch(`${broker.url}/errors/no_such_code`)).status).toBe(404);
  });

  it('is enough for both companies to pin, agree, grant, enter, carry data, cut and prove, and for everything else they ask', async () => {
    await readAbout(stage);
    await pin(stage);
    const agreement = await agree(stage);
    const grant = await grantOf(stage, agreement);
    await deny(stage, agreement);
    const gateway = await TestChannel.open(broker, stage.who.gateway.signer);
    const { admitted, asking, connector, record } = await enter(stage, grant);
    await gateway.next(({ t, session }) => t === 'offer' && session === admitted.session);
    await askDecisions(stage);
    await tradeTokens(stage, grant, broker.origin);
    const [sealed, opened] = await flow(stage, agreement);
    expect(opened).toEqual(sealed);
    // A key makes no yes of before the cut come again: admission is about now.
    const keyed = { ...asking, headers: { 'idempotency-key': 'one-admission' } };
    const { session } = await yes<{ session: string }>('openSessions', keyed);
    const { loginProof } = await aConnector(stage.who, grant.id, 'technician', connector.key);
    const other = await api.call('openSessions', { ...keyed, body: aSessionAsk(grant, loginProof) });
    expect(other).toMatchObject({ status: 409, code: 'idempotency_key_reused' });
    await cut(stage, agreement, grant);
    expect(await api.call('openSessions', keyed)).toMatchObject({ status: 403, code: 'taken_away' });
    expect(session).not.toBe(admitted.session);
    const kinds = [
      'agreement.activated',
      'grant.activated',
      'session.admitted',
      'session.refused',
      'grant.refused',
      'grant.revoked',
      'gateway.started',
      'user.issued',
    ];
    const proven = await prove(stage, broker, agreement, kinds);
    expect(proven.vendors).toEqual(proven.buyers);
    expect(proven.altered).toMatchObject({ allowed: false });
    // However often each was sent: what was handed in is there once.
    expect(proven.vendors?.filter((one) => one === record.id)).toHaveLength(1);
    expect(proven.times).toMatchObject({
      ...{ 'agreement.proposed': 2, 'grant.requested': 3, 'grant.refused': 1, 'grant.approved': 4 },
      ...{ 'session.admitted': 2, 'grant.revoked': 1 },
    });
    await readTheLog(stage, agreement, proven.size);
    gateway.close();
  }, 120_000);

  it('has an example of every operation that was really run, as its schema says and as it is answered now', async () => {
    expect([...played.keys()].sort()).toEqual([...api.ids].sort());
    const fresh = Object.fromEntries(
      [...played].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, one]) => [id, blackened(one)]),
    );
    // Recorded anew where somebody asks for it; else what was recorded is held against what was answered now.
    if (process.env.RECORD_EXAMPLES) writeFileSync(EXAMPLES, `${JSON.stringify(fresh, null, 1)}\n`);
    const recorded = JSON.parse(readFileSync(EXAMPLES, 'utf8')) as Record<string, Exchange>;
    for (const id of api.ids)
      expect({ id, differs: shapesDiffer(fresh[id], recorded[id]) }).toEqual({ id, differs: undefined });
    const conforms = schemasOf(description);
    for (const { operationId, takesBody, asked, answers } of examplesOf(description)) {
      expect({ operationId, asked: asked.length }).toEqual({ operationId, asked: takesBody ? 1 : 0 });
      const given = recorded[operationId]?.answer === undefined ? 0 : 1;
      expect({ operationId, answers: answers.length }).toEqual({ operationId, answers: given });
      for (const { schema, value } of [...asked, ...answers]) conforms(`the example of ${operationId}`, schema, value);
    }
    expect(JSON.stringify(recorded)).not.toMatch(/"access_token": ?"(?!A+")/);
  });
});
