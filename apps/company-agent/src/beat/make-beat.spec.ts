import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout, readCertificates, readCompany, readSigner } from '@interlock/company-side';
import type { Act, Beat, LocalId, OrganisationId, Signed, StatusList } from '@interlock/domain';
import {
  digestOf,
  digestOfActs,
  signed,
  thumbprintOf,
  trust,
  verifyAct,
  verifyBeat,
  verifyStatusList,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BUYER, get, post, programOf, until, VENDOR, type World, world } from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w?.close());

const receiver = { organisation: BUYER, id: 'plant-gateway' as LocalId };
const freshNonce = () => randomBytes(16).toString('base64url');

interface Answer {
  readonly beat: Signed<Beat>;
  readonly statusList: Signed<StatusList>;
}

/** Asks through the channel, as a gateway's nonce reaches an agent. */
async function beatOf(organisation: OrganisationId): Promise<Answer> {
  const nonce = freshNonce();
  w.broker.send(organisation, { t: 'nonce', agreementId: w.agreement.id, receiver, nonce });
  const find = () =>
    w.broker.frames.find(({ frame }) => (frame.beat as Signed<Beat> | undefined)?.document.nonce === nonce);
  await until(() => find() !== undefined);
  return find()?.frame as unknown as Answer;
}

async function ring() {
  const sides = [readCompany(w.vendor.dir), readCompany(w.buyer.dir)];
  const made = await trust(
    sides.flatMap((one) => one.entities),
    sides.flatMap((one) => one.certificates),
    readCompany(w.buyer.dir).pins,
    Date.now(),
  );
  if (!made.allowed) throw new Error(made.refusal.code);
  return made.value;
}

const holding = (dir: string, statusList: Signed<StatusList>, acts: readonly Signed<Act>[]) => ({
  agreement: digestOf(w.agreement),
  entity: digestOf(readCompany(dir).entities.at(-1)?.document),
  acts: digestOfActs(acts.map((act) => digestOf(act.document))),
  status: digestOf(statusList.document),
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

async function suspend(): Promise<Signed<Act>> {
  const token = await programOf(w.buyer, 'architect');
  const wish = {
    verb: 'revoke',
    agreementId: w.agreement.id,
    target: { kind: 'grant', id: 'grt_0123456789abcdefghjkmnpqrs' },
    reason: 'drill',
  };
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-00`;
  const done = await post(`${w.buyer.origin}/acts`, wish, { authorization: `Bearer ${token}`, traceparent });
  expect(done.status).toBe(200);
  return done.body.act as Signed<Act>;
}

describe('a beat', () => {
  it('answers the nonce of a gateway and names exactly what the gateway must hold', async () => {
    for (const [organisation, dir] of [
      [VENDOR, w.vendor.dir],
      [BUYER, w.buyer.dir],
    ] as const) {
      const { beat, statusList } = await beatOf(organisation);
      const held = holding(dir, statusList, []);
      expect(await verifyBeat(beat, await ring(), receiver, held, Date.now())).toMatchObject({ allowed: true });
      const other = { ...receiver, id: 'other-gateway' as LocalId };
      expect(await verifyBeat(beat, await ring(), other, held, Date.now())).toMatchObject({ allowed: false });
      expect(await verifyStatusList(statusList, await ring(), organisation, Date.now())).toMatchObject({
        allowed: true,
      });
    }
  });

  it('names a cut from the moment it was signed, and goes on naming it after a restart with the broker’s memory gone', async () => {
    const before = await beatOf(BUYER);
    const act = await suspend();
    const agreement = w.agreement;
    expect(await verifyAct(act, await ring(), agreement, Date.now())).toMatchObject({ allowed: true });
    await until(() => w.broker.acts.length > 0);
    // Handed over in the trace of whoever asked for it: the evidence at the broker names that.
    expect(w.broker.traces.get('POST /v1/acts')).toBe(TRACE);
    const after = await beatOf(BUYER);
    expect(after.beat.document.acts).not.toBe(before.beat.document.acts);
    expect(after.statusList.document.invalid).toEqual(['grt_0123456789abcdefghjkmnpqrs']);
    const held = holding(w.buyer.dir, after.statusList, [act]);
    expect(await verifyBeat(after.beat, await ring(), receiver, held, Date.now())).toMatchObject({ allowed: true });
    const withheld = { ...held, acts: digestOfActs([]) };
    const refused = await verifyBeat(after.beat, await ring(), receiver, withheld, Date.now());
    expect(refused).toMatchObject({ refusal: { code: 'not_what_is_held', clause: 'acts' } });
    w.broker.acts.length = 0;
    await w.restart(w.buyer);
    await until(() => w.broker.acts.some((one) => digestOf(one.document) === digestOf(act.document)));
    expect((await beatOf(BUYER)).beat.document.acts).toBe(after.beat.document.acts);
  });

  it('can be fetched by hand when the broker is not there, for gateways of the parties only', async () => {
    const ask = { agreementId: w.agreement.id, receiver, nonce: freshNonce() };
    const made = await post(`${w.vendor.origin}/local/beats`, ask);
    const { beat, statusList } = made.body as unknown as Answer;
    const held = holding(w.vendor.dir, statusList, []);
    expect(await verifyBeat(beat, await ring(), receiver, held, Date.now())).toMatchObject({ allowed: true });
    const stranger = { ...ask, receiver: { ...receiver, organisation: 'stranger.example' } };
    expect(await post(`${w.vendor.origin}/local/beats`, stranger)).toMatchObject({ status: 404 });
    const unknown = { ...ask, agreementId: 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' };
    expect(await post(`${w.vendor.origin}/local/beats`, unknown)).toMatchObject({ body: { code: 'not_a_party' } });
  });

  it('names an act of this company that only others still had', async () => {
    const signer = readSigner(layout(w.vendor.dir).keys, 'agent', VENDOR);
    const lost: Act = {
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: VENDOR,
      agreementId: w.agreement.id,
      target: { kind: 'person', id: 'colleague' as LocalId },
      reason: 'left the company',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: Date.now(),
    };
    const act = await signed(lost, signer, Date.now());
    // Handed in while this agent was away: nobody tells it, it has to look.
    w.broker.acts.push(act);
    await w.restart(w.vendor);
    const expected = digestOfActs([digestOf(lost)]);
    await until(async () => (await beatOf(VENDOR)).beat.document.acts === expected);
    const another = { ...lost, sequence: 2, previous: digestOf(lost) };
    w.broker.send(VENDOR, { t: 'act', act: await signed(another, signer, Date.now()) });
    const both = digestOfActs([digestOf(lost), digestOf(another)]);
    await until(async () => (await beatOf(VENDOR)).beat.document.acts === both);
  });

  it('stops when nobody certified the writer for another day', async () => {
    const beat = readCertificates(w.vendor.dir).find(({ document }) => document.purposes.includes('beat'));
    const file = join(
      layout(w.vendor.dir).certificates,
      `agent.agent.${thumbprintOf(beat?.document.key as never)}.json`,
    );
    const kept = readFileSync(file);
    renameSync(file, `${file}.ended`);
    const ask = { agreementId: w.agreement.id, receiver, nonce: freshNonce() };
    await until(async () => (await post(`${w.vendor.origin}/local/beats`, ask)).body.code === 'key_expired');
    writeFileSync(file, kept);
    await until(async () => (await post(`${w.vendor.origin}/local/beats`, ask)).status === 200);
  });
});

describe('a cut', () => {
  it('is for architects alone, and comes back with all that a gateway needs to obey it', async () => {
    const token = await programOf(w.buyer, 'first-approver');
    const wish = {
      verb: 'suspend',
      agreementId: w.agreement.id,
      target: { kind: 'agreement', id: w.agreement.id },
      reason: 'drill',
    };
    const refused = await post(`${w.buyer.origin}/acts`, wish, { authorization: `Bearer ${token}` });
    expect(refused).toMatchObject({ status: 403, body: { code: 'role_needed', clause: 'architect' } });
    const architect = await programOf(w.buyer, 'architect');
    const bearer = { authorization: `Bearer ${architect}` };
    expect(await post(`${w.buyer.origin}/acts`, { ...wish, verb: 'resume' }, bearer)).toMatchObject({ status: 400 });
    const done = await post(`${w.buyer.origin}/acts`, wish, bearer);
    const { act, documents } = done.body as unknown as {
      act: Signed<Act>;
      documents: { entities: []; certificates: [] };
    };
    const known = await trust(documents.entities, documents.certificates, readCompany(w.buyer.dir).pins, Date.now());
    if (!known.allowed) throw new Error(known.refusal.code);
    expect(await verifyAct(act, known.value, w.agreement, Date.now())).toMatchObject({ allowed: true });
  });

  it('is signed and answered while the broker is dead', async () => {
    const architect = await programOf(w.buyer, 'architect');
    await w.broker.stop();
    const wish = {
      verb: 'revoke',
      agreementId: w.agreement.id,
      target: { kind: 'person', id: 'nobody' },
      reason: 'the broker is dead',
    };
    const begun = performance.now();
    const done = await post(`${w.buyer.origin}/acts`, wish, { authorization: `Bearer ${architect}` });
    expect(done.status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(2_000);
    const ask = { agreementId: w.agreement.id, receiver, nonce: freshNonce() };
    const { beat } = (await post(`${w.buyer.origin}/local/beats`, ask)).body as unknown as Answer;
    expect(beat.document.issuedAt).toBeGreaterThan(0);
    expect((await get(`${w.buyer.origin}/`, architect)).body).toMatchObject({ code: 'broker_unavailable' });
  });
});
