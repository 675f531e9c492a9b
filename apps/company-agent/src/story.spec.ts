import { readCompany } from '@interlock/company-side';
import type { GrantId, LocalId, Thumbprint } from '@interlock/domain';
import { digestOf, verifyChain } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  BUYER,
  browserOf,
  get,
  PASSPHRASE,
  post,
  program,
  programOf,
  signByBoth,
  until,
  VENDOR,
  type World,
  world,
} from '../test/world.js';

const LEAF = 'A'.repeat(43) as Thumbprint;
jest.setTimeout(60_000);

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w?.close());

describe('two agents', () => {
  it('publish what their folders hold, and know the agreement that both signed', async () => {
    await until(() => w.broker.entities.size === 2 && w.broker.certificates.size === 2);
    const token = await programOf(w.buyer, 'first-approver');
    const listed = await get(`${w.buyer.origin}/agreements`, token);
    expect(listed.body).toMatchObject({
      agreements: [{ id: w.agreement.id, signedBy: [VENDOR, BUYER], verified: true }],
    });
  });

  it('carry a request from the technician to two approvers, and then to a login proof that a gateway accepts', async () => {
    const technician = await programOf(w.vendor, 'technician');
    const asked = await post(
      `${w.vendor.origin}/grants`,
      {
        agreementId: w.agreement.id,
        kind: 'remote-service',
        resources: [{ owner: BUYER, id: 'press-7' }],
        actions: ['ssh'],
        purpose: 'repair',
        ticket: 'INC-4711',
        windows: [{ from: Date.now() - 1_000, to: Date.now() + 3_600_000 }],
        passphrase: PASSPHRASE,
      },
      { authorization: `Bearer ${technician}` },
    );
    expect(asked).toMatchObject({ status: 201, body: { complete: false, owner: BUYER } });
    const id = String(asked.body.id);
    for (const approver of ['first-approver', 'second-approver']) {
      const { robot, inbox } = await browserOf(w.buyer, approver);
      expect(inbox.html).toContain('waits for you');
      const page = await robot.open(`${w.buyer.origin}/grants/${id}`);
      expect(page.html).toContain(`${asked.body.digest}`);
      expect(page.html).toContain('INC-4711');
      const done = await robot.submit(page, { passphrase: PASSPHRASE }, '/approve');
      expect(done.status).toBe(200);
    }
    const loginProof = await proofFor(id as GrantId, 'technician');
    const grant = w.broker.grants.get(id)?.signed;
    const book = publishedBook();
    const chain = { ...book, agreement: w.broker.agreements.get(w.agreement.id)?.signed, grant };
    const self = { organisation: BUYER, resources: ['press-7' as LocalId] };
    const verified = await verifyChain(chain, readCompany(w.buyer.dir).pins, self, { loginProof }, Date.now());
    expect(verified).toMatchObject({ allowed: true, value: { jkt: LEAF, subject: { id: 'technician' } } });
  });

  it('show any version that was signed against any other, also one that the broker shows no more', async () => {
    const first = w.agreement;
    const shorter = { endsAt: first.endsAt - 1_000, terms: first.terms.slice(1) };
    const second = { ...first, version: 2, previous: digestOf(first), ...shorter };
    w.broker.agreements.set(first.id, {
      signed: await signByBoth(second, w.vendor.dir, w.buyer.dir),
      status: 'active',
    });
    const { robot } = await browserOf(w.buyer, 'auditor');
    const shown = async (query: string) => (await robot.open(`${w.buyer.origin}/agreements/${first.id}${query}`)).html;
    const newest = await shown('');
    expect(newest).toMatch(/version 2<[\s\S]*in force[\s\S]*version 1<[\s\S]*replaced/);
    expect(newest).toContain('Version 2 against version 1');
    expect(newest).toMatch(
      /term remote-service <span class="state ">removed<[\s\S]*narrower[\s\S]*<del>remote service by people/,
    );
    const turned = await shown('?version=1&against=2');
    expect(turned).toContain('Version 1 against version 2');
    expect(turned).toMatch(/term remote-service <span class="state ">added<[\s\S]*<ins>remote service by people/);
    expect(turned).toContain(digestOf(first));
    expect(await shown('?version=7')).toContain('not_a_party');
    w.broker.agreements.set(first.id, { signed: await signByBoth(first, w.vendor.dir, w.buyer.dir), status: 'active' });
  });

  it('are still themselves after a restart', async () => {
    await w.restart(w.buyer);
    const token = await programOf(w.buyer, 'first-approver');
    expect((await get(`${w.buyer.origin}/`, token)).status).toBe(200);
  });
});

const publishedBook = () => ({
  entities: [...w.broker.entities.values()].flat(),
  certificates: [...w.broker.certificates.values()].flatMap((held) => [...held.values()]),
});

async function proofFor(grant: GrantId, login: string): Promise<string> {
  const { query, verifier } = program();
  query.set('grant', grant);
  query.set('jkt', LEAF);
  const { robot } = await browserOf(w.vendor, login);
  const consent = await robot.open(`${w.vendor.origin}/login?${query}`);
  expect(consent.html).toContain(LEAF);
  const back = await robot.submit(consent, {}, '/login/confirm');
  const body = { code: back.url.searchParams.get('code'), code_verifier: verifier };
  const answer = await post(`${w.vendor.origin}/login/token`, body);
  return String(answer.body.loginProof);
}
