// The certification scenario of the OpenID AuthZEN Authorization API 1.0 (authorization-api-1_0-scenario, 2026), by its section numbers.
// Its fixture (users, records, eight rules) is a policy of its own behind the port; what is tested is everything above the port.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aFixtureService, type FixtureService, PDP, RECORDS, USERS } from '../../test/authzen-fixture.js';

const ALICE = { type: 'user', id: 'alice' };
const BOB = { type: 'user', id: 'bob' };
const ADMIN = { ...BOB, properties: { role: 'admin' } };
const RECORD_1 = { type: 'record', id: 'record-1' };
const ACTIVE_1 = { ...RECORD_1, properties: { status: 'active' } };
const ARCHIVED_2 = { type: 'record', id: 'record-2', properties: { status: 'archived' } };
const READ = { name: 'read' };
const WRITE = { name: 'write' };
const CONTEXT = { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' };
const FIRST = { subject: ALICE, action: READ, resource: RECORD_1 };

let service: FixtureService;
beforeAll(async () => {
  service = await aFixtureService();
}, 60_000);
afterAll(() => service?.stop());

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${service.port}/access/v1/${path}`, {
    method: 'POST',
    headers: { authorization: 'x', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse((await answer.text()) || 'null') as unknown,
  };
}
const decisionsOf = (body: unknown) =>
  (body as { evaluations: { decision: boolean }[] }).evaluations.map((one) => one.decision);
const results = async (path: string, body: unknown) =>
  ((await post(`search/${path}`, body)).body as { results: unknown[] }).results;

describe('AuthZEN 1.0 certification: Basic', () => {
  it.each([
    ['2.2.1 permit', FIRST, true],
    ['2.2.2 deny', { subject: BOB, action: WRITE, resource: RECORD_1 }, false],
    ['2.2.3 with context', { ...FIRST, context: CONTEXT }, true],
    ['2.2.4 deny by resource properties', { subject: ALICE, action: WRITE, resource: ARCHIVED_2 }, false],
    ['2.2.5 permit by subject properties', { subject: ADMIN, action: WRITE, resource: ARCHIVED_2 }, true],
    ['2.2.6 permit by action properties', { ...FIRST, action: { name: 'delete', properties: { soft: true } } }, true],
    ['2.2.7 deny by action properties', { ...FIRST, action: { name: 'delete', properties: { soft: false } } }, false],
    [
      '2.2.8 additional properties',
      { ...FIRST, subject: { ...ALICE, properties: { department: 'Sales', role: 'manager' } } },
      true,
    ],
    ['2.2.9 unknown fields', { ...FIRST, foo: 'bar', futureField: { nested: true } }, true],
  ])('%s', async (_section, request, decision) => {
    const { status, headers, body } = await post('evaluation', request);
    expect([status, body]).toEqual([200, { decision }]);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  it.each([
    ['2.4.1 no subject', { action: READ, resource: RECORD_1 }],
    ['2.4.1 no action', { subject: ALICE, resource: RECORD_1 }],
    ['2.4.1 no resource', { subject: ALICE, action: READ }],
    ['2.4.2 subject without type', { ...FIRST, subject: { id: 'alice' } }],
    ['2.4.2 subject without id', { ...FIRST, subject: { type: 'user' } }],
    ['2.4.2 action without name', { ...FIRST, action: {} }],
    ['2.4.2 resource without type', { ...FIRST, resource: { id: 'record-1' } }],
    ['2.4.2 resource without id', { ...FIRST, resource: { type: 'record' } }],
    ['2.4.4 malformed JSON', '{"subject":'],
    ['2.4.5 empty body', ''],
    ['2.4.6 subject is a string', { ...FIRST, subject: 'alice' }],
    ['2.4.6 action name is a number', { ...FIRST, action: { name: 123 } }],
    ['an array', [FIRST]],
  ])('%s is 400 with a message', async (_section, request) => {
    const { status, body } = await post('evaluation', request);
    expect(status).toBe(400);
    if (typeof request !== 'string') expect(typeof body).toBe('string');
  });

  it('2.4.3 another content type is 400', async () => {
    expect((await post('evaluation', 'text', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await post('evaluation', JSON.stringify(FIRST), { 'content-type': 'application/xml' })).status).toBe(400);
  });

  it('2.5 an X-Request-ID comes back, on errors too, and need not be there', async () => {
    const id = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
    expect((await post('evaluation', FIRST, id)).headers.get('x-request-id')).toBe(id['x-request-id']);
    expect((await post('evaluation', {}, id)).headers.get('x-request-id')).toBe(id['x-request-id']);
    expect((await post('evaluation', FIRST)).headers.get('x-request-id')).toBeNull();
  });

  it('2.6 the same question has the same answer', async () => {
    for (let turn = 0; turn < 3; turn += 1) expect((await post('evaluation', FIRST)).body).toEqual({ decision: true });
  });

  it('asks who calls before it looks at the question', async () => {
    const answer = await fetch(`http://127.0.0.1:${service.port}/access/v1/evaluation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect([answer.status, typeof (await answer.json())]).toEqual([401, 'string']);
  });
});

describe('AuthZEN 1.0 certification: Batch', () => {
  const own = [FIRST, { subject: BOB, action: WRITE, resource: RECORD_1 }];
  it.each([
    [
      '3.2.1 array',
      { subject: ALICE, action: READ, evaluations: [{ resource: RECORD_1 }, { resource: RECORDS[1] }] },
      [true, true],
    ],
    [
      '3.2.2 fixture decisions in order',
      { subject: BOB, resource: RECORD_1, evaluations: [{ action: READ }, { action: WRITE }] },
      [true, false],
    ],
    [
      '3.2.3 properties',
      { subject: ALICE, action: WRITE, evaluations: [{ resource: ACTIVE_1 }, { resource: ARCHIVED_2 }] },
      [true, false],
    ],
    [
      '3.2.4 subject properties',
      { action: WRITE, resource: ARCHIVED_2, evaluations: [{ subject: ALICE }, { subject: ADMIN }] },
      [false, true],
    ],
    ['3.2.5 no defaults', { evaluations: own }, [true, false]],
    [
      '3.2.6 context inheritance',
      {
        subject: ALICE,
        action: READ,
        context: CONTEXT,
        evaluations: [{ resource: RECORD_1 }, { resource: RECORD_1, context: {} }],
      },
      [true, true],
    ],
    [
      '3.2.7 whole-object defaults',
      { subject: ALICE, action: WRITE, resource: ACTIVE_1, evaluations: [{}, { resource: ARCHIVED_2 }] },
      [true, false],
    ],
    [
      '3.2.7 no merging of parts',
      { subject: ALICE, action: WRITE, resource: ACTIVE_1, evaluations: [{ resource: { id: 'record-1' } }, {}] },
      [false, true],
    ],
    [
      '3.4.1 one incomplete item',
      {
        subject: ALICE,
        action: READ,
        options: { evaluations_semantic: 'execute_all' },
        evaluations: [{ resource: RECORD_1 }, {}],
      },
      [true, false],
    ],
    [
      'deny_on_first_deny stops there',
      { options: { evaluations_semantic: 'deny_on_first_deny' }, evaluations: [own[0], own[1], own[0]] },
      [true, false],
    ],
    [
      'permit_on_first_permit stops there',
      { options: { evaluations_semantic: 'permit_on_first_permit' }, evaluations: [own[1], own[0], own[1]] },
      [false, true],
    ],
  ])('%s', async (_section, request, decisions) => {
    const { status, body } = await post('evaluations', request);
    expect([status, decisionsOf(body), Object.keys(body as object)]).toEqual([200, decisions, ['evaluations']]);
  });

  it.each([
    ['3.4.2 without evaluations', FIRST],
    ['3.4.3 with none', { ...FIRST, evaluations: [] }],
  ])('%s it is a single evaluation', async (_section, request) => {
    expect((await post('evaluations', request)).body).toEqual({ decision: true });
  });

  it('an unknown semantic, and a single one that is incomplete, are 400', async () => {
    expect((await post('evaluations', { evaluations: own, options: { evaluations_semantic: 'some' } })).status).toBe(
      400,
    );
    expect((await post('evaluations', { subject: ALICE })).status).toBe(400);
  });
});

describe('AuthZEN 1.0 certification: Search', () => {
  it.each([
    ['4.2.1 subjects', 'subject', { subject: { type: 'user' }, action: READ, resource: RECORD_1 }, USERS],
    [
      '4.2.2 with context',
      'subject',
      { subject: { type: 'user' }, action: READ, resource: RECORD_1, context: CONTEXT },
      USERS,
    ],
    ['4.2.3 subject.id is ignored', 'subject', { subject: ALICE, action: READ, resource: RECORD_1 }, USERS],
    [
      '4.2.4 by resource properties',
      'subject',
      { subject: { type: 'user' }, action: WRITE, resource: ARCHIVED_2 },
      [BOB],
    ],
    ['4.3.1 resources', 'resource', { subject: ALICE, action: READ, resource: { type: 'record' } }, RECORDS],
    ['4.3.3 resource.id is ignored', 'resource', FIRST, RECORDS],
    [
      '4.3.4 by subject properties',
      'resource',
      { subject: ADMIN, action: WRITE, resource: { type: 'record' } },
      [RECORDS[1]],
    ],
    ['4.4.1 actions', 'action', { subject: ALICE, resource: RECORD_1 }, [READ, WRITE]],
    ['4.4.3 by properties', 'action', { subject: ADMIN, resource: ARCHIVED_2 }, [READ, WRITE]],
    [
      '4.5.1 a page limit is taken',
      'subject',
      { subject: { type: 'user' }, action: READ, resource: RECORD_1, page: { limit: 1 } },
      USERS,
    ],
    ['4.6.1 unknown identifier', 'action', { subject: { type: 'user', id: 'nobody' }, resource: RECORD_1 }, []],
    ['4.6.2 unknown type', 'subject', { subject: { type: 'spaceship' }, action: READ, resource: RECORD_1 }, []],
  ])('%s', async (_section, path, request, expected) => {
    expect(await results(path, request)).toEqual(expected);
  });

  it.each([
    ['4.7.1 subject search without action', 'subject', { subject: { type: 'user' }, resource: RECORD_1 }],
    ['4.7.1 resource search without subject', 'resource', { action: READ, resource: { type: 'record' } }],
    ['4.7.1 action search without resource', 'action', { subject: ALICE }],
    [
      '4.7.2 subject search, resource without id',
      'subject',
      { subject: { type: 'user' }, action: READ, resource: { type: 'record' } },
    ],
    [
      '4.7.2 resource search, subject without id',
      'resource',
      { subject: { type: 'user' }, action: READ, resource: { type: 'record' } },
    ],
    ['4.7.2 action search, subject without id', 'action', { subject: { type: 'user' }, resource: RECORD_1 }],
  ])('%s is 400', async (_section, path, request) => {
    expect((await post(`search/${path}`, request)).status).toBe(400);
  });
});

describe('AuthZEN 1.0 certification: Discovery', () => {
  it('6 the metadata names its own base and every endpoint', async () => {
    const answer = await fetch(`http://127.0.0.1:${service.port}/.well-known/authzen-configuration`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        policy_decision_point: PDP,
        access_evaluation_endpoint: `${PDP}/access/v1/evaluation`,
        access_evaluations_endpoint: `${PDP}/access/v1/evaluations`,
        search_subject_endpoint: `${PDP}/access/v1/search/subject`,
        search_resource_endpoint: `${PDP}/access/v1/search/resource`,
        search_action_endpoint: `${PDP}/access/v1/search/action`,
      },
    ]);
  });
});
