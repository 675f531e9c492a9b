import { createRequire } from 'node:module';
import { explanationOf, PROBLEM_CODES, problemType } from '@interlock/contracts';
import type { AgreementId, GrantId } from '@interlock/domain';
import { signDocument, signed } from '@interlock/proof';
import { aGrant, anAgreement } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { escaped } from '../../../apps/federation-api/src/description/reference-page.js';
import { aBroker, type Broker } from './a-broker.js';
import { call, TestChannel } from './a-caller.js';
import { clientOf, type Description } from './client-of-description.js';
import { aConnector, anId, aPartnership, aSessionAsk } from './two-companies.js';

const asyncApiSchema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

describe('the description of the API', () => {
  let broker: Broker;
  let description: Description;
  const read = async (path: string) => (await fetch(`${broker.url}${path}`)).json();

  beforeAll(async () => {
    broker = await aBroker();
    description = (await read('/openapi.json')) as Description;
  }, 60_000);
  afterAll(() => broker?.stop());

  it('is valid OpenAPI 3.1 and names every route that is served, once', async () => {
    expect(await new Validator().validate({ ...description })).toMatchObject({ valid: true });
    const { ids } = clientOf(broker, description);
    expect(new Set(ids).size).toBe(ids.length);
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

  it('is enough for a client to publish, agree, grant, enter, cut and ask what happened', async () => {
    const api = clientOf(broker, description);
    const who = await aPartnership(Date.now());
    const yes = async (id: string, options: Parameters<typeof api.call>[1]) => {
      const answer = await api.call(id, options);
      expect({ id, ...answer }).toMatchObject({ id, status: 200 });
      return answer.body as Record<string, string>;
    };
    for (const { entity } of [who.vendor, who.buyer])
      await yes('publishEntityPublished', { as: null, body: { entity } });
    for (const [as, holders] of [
      [who.vendorAgent.signer, [who.technician, who.vendorAgent]],
      [who.buyerAgent.signer, [who.approver, who.secondApprover, who.buyerAgent, who.gateway]],
    ] as const)
      await yes('publishCertificatesPublished', { as, body: { certificates: holders.map((one) => one.certificate) } });
    const now = Date.now();
    const agreement = anAgreement(who, { id: anId<AgreementId>('agr') }, now);
    const proposal = { agreement: await signedBy(agreement, who.vendor.agreement) };
    const { digest } = await yes('proposeAgreements', { as: who.vendorAgent.signer, body: proposal });
    const both = { digest, signatures: [await signDocument(agreement, who.buyer.agreement, now)] };
    await yes('signAgreements', { as: who.buyerAgent.signer, with: { id: agreement.id }, body: both });
    const grant = aGrant(agreement, { id: anId<GrantId>('grt') }, now);
    const asked = await yes('askGrants', {
      as: who.vendorAgent.signer,
      body: { grant: await signedBy(grant, who.technician.signer) },
    });
    for (const { signer } of [who.approver, who.secondApprover])
      await yes('signGrants', {
        as: who.buyerAgent.signer,
        with: { id: grant.id },
        body: { digest: asked.digest, signatures: [await signDocument(grant, signer, now)] },
      });
    await yes('readGrants', { as: who.vendorAgent.signer, with: { id: grant.id } });
    const gateway = await TestChannel.open(broker, who.gateway.signer);
    const { signer, loginProof } = await aConnector(who, grant.id);
    // A key makes no yes of before the cut come again: admission is about now.
    const entering = {
      as: signer,
      body: aSessionAsk(grant, loginProof),
      headers: { 'idempotency-key': 'one-admission' },
    };
    await yes('openSessions', entering);
    await yes('actActs', { as: who.buyerAgent.signer, body: { act: await revocation(agreement.id, grant.id, who) } });
    const late = await api.call('openSessions', entering);
    expect(late).toMatchObject({ status: 403, code: 'taken_away' });
    await yes('standingAgreements', { as: who.buyerAgent.signer, with: { id: agreement.id } });
    await yes('eventsAudit', { as: who.buyerAgent.signer, with: { log: agreement.id } });
    gateway.close();
  }, 60_000);
});

describe('an Idempotency-Key', () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await aBroker();
  }, 60_000);
  afterAll(() => broker?.stop());

  it('gives the first answer again, is of its caller alone, and takes no second request', async () => {
    const who = await aPartnership(Date.now());
    for (const { entity } of [who.vendor, who.buyer]) await call(broker, null, 'PUT', '/v1/entities', { entity });
    for (const [agent, more] of [
      [who.vendorAgent, who.technician],
      [who.buyerAgent, who.approver],
    ] as const)
      await call(broker, agent.signer, 'PUT', '/v1/certificates', {
        certificates: [agent.certificate, more.certificate],
      });
    const proposal = async () => ({
      agreement: await signedBy(anAgreement(who, { id: anId<AgreementId>('agr') }, Date.now()), who.vendor.agreement),
    });
    const propose = (body: unknown, key: string, as = who.vendorAgent.signer) =>
      call(broker, as, 'POST', '/v1/agreements', body, { 'idempotency-key': key });
    const [one, other] = [await proposal(), await proposal()];
    const first = await propose(one, 'first-request');
    expect(first.status).toBe(200);
    expect(await propose(one, 'first-request')).toEqual(first);
    expect(await propose(other, 'first-request')).toMatchObject({ status: 409, code: 'idempotency_key_reused' });
    expect(await propose(other, 'first-request', who.buyerAgent.signer)).not.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(await propose(one, 'short')).toMatchObject({ status: 400, code: 'malformed' });
  }, 60_000);

  it('belongs to the writes of an agent, and to no decision, ticket, token or credential', async () => {
    const { paths } = (await (await fetch(`${broker.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: readonly { name: string }[] }>>;
    };
    const repeating = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { parameters }]) => parameters?.some(({ name }) => name === 'Idempotency-Key'))
        .map(([method]) => `${method} ${path}`),
    );
    expect(repeating.sort()).toEqual([
      'post /v1/acts',
      'post /v1/agreements',
      'post /v1/agreements/{id}/annexes',
      'post /v1/agreements/{id}/signatures',
      'post /v1/grants',
      'post /v1/grants/{id}/denial',
      'post /v1/grants/{id}/signatures',
      'post /v1/verdicts',
      'put /v1/certificates',
    ]);
  });
});

const signedBy = async <D extends object>(document: D, signer: Parameters<typeof signDocument>[1]) => ({
  document,
  signatures: [await signDocument(document as never, signer, Date.now())],
});

const revocation = (agreementId: AgreementId, grant: GrantId, who: Awaited<ReturnType<typeof aPartnership>>) =>
  signed(
    {
      ...{ typ: 'act', v: 1, verb: 'revoke', organisation: who.buyer.organisation, agreementId },
      ...{ target: { kind: 'grant', id: grant }, reason: 'work is done', lifts: null, sequence: 1, previous: null },
      issuedAt: Date.now(),
    } as const,
    who.buyerAgent.signer,
    Date.now(),
  );
