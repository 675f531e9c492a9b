import { connect } from 'node:net';
import { evidenceRecord } from '@interlock/contracts';
import { type Act, type Agreement, activate, TERMS } from '@interlock/domain';
import { newPrivateKey, type Signer, signed } from '@interlock/proof';
import { anAgreement, aPartnership, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { byWorkload } from '../../../apps/edge-gateway/test/at-the-gateway.js';
import { access } from '../../../apps/edge-gateway/test/terms/honest-terms.js';
import { revocation } from '../hostile-broker/honest-agents.js';
import {
  aPlant,
  comeTo,
  echo,
  leasesOf,
  local,
  opened,
  ready,
  shortLease,
  stateOf,
  until,
} from '../hostile-broker/plant.js';

/** What a timer of a busy machine may be late by, and the lease of this plant, in milliseconds. */
const SLACK = 1_500;
const LEASE = shortLease.leaseSeconds * 1_000;

async function leased() {
  const base = await aPlant();
  const terms = base.right.agreement.terms.map((term) => (term.type === 'offline' ? shortLease : term));
  await base[Symbol.asyncDispose]();
  return aPlant({ changes: { agreement: { terms } } });
}

/** Somebody inside the plant, past every gateway. */
const fromInside = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('stop\n'));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

describe('I8: a plant that loses the broker', () => {
  it('goes on with what is open inside the lease, ends it there, and its machine never notices', async () => {
    await using plant = await leased();
    const session = await opened(plant);
    const howItIs = async (what: string) => {
      const answer = await fetch(`http://127.0.0.1:${plant.gateway.operatorPort}/${what}`);
      return [answer.status, await answer.text()] as const;
    };
    expect(await howItIs('ready')).toEqual([200, expect.stringContaining('"ready":true')]);
    expect((await howItIs('metrics'))[1]).toContain('interlock_gateway_sessions{service="edge-gateway"} 1\n');
    const lost = performance.now();
    await plant.broker.stop();
    expect(await echo(session, 'still here\n')).toBe('still here\n');
    expect(await fromInside(plant.machine.port)).toBe(true);
    expect(await session.closed).toMatchObject({ code: 'lease_over' });
    expect(performance.now() - lost).toBeLessThan(LEASE + SLACK);
    expect(await fromInside(plant.machine.port)).toBe(true);
    // Its operator is told what it misses; nobody is told to start it again.
    expect(await howItIs('ready')).toEqual([503, expect.stringContaining('"broker":"the channel is down"')]);
    expect((await howItIs('live'))[0]).toBe(200);
    expect((await howItIs('metrics'))[1]).toContain('interlock_gateway_sessions{service="edge-gateway"} 0\n');
    // The gateway itself lives on, answers the plant's own hand, and keeps the end as evidence for later.
    await until(async () => (await fetch(`http://127.0.0.1:${plant.gateway.localPort}/state`)).ok);
  }, 40_000);

  it('relies for safety on nothing that could end it: an agreement without the notice, or with a lease, never comes into force', async () => {
    await using plant = await aPlant();
    const { agreement } = plant.right;
    expect(activate(agreement, Date.now())).toMatchObject({ allowed: true });
    const [first, ...others] = agreement.resources;
    if (!first) throw new Error('the agreement names no resource');
    const relied = (...terms: Agreement['terms']): Agreement => ({
      ...agreement,
      resources: [{ ...first, class: 'safety' }, ...others],
      terms: [...agreement.terms, ...terms],
    });
    const notice = { type: 'safety-notice', seconds: 300 };
    const lease = { ...shortLease, kind: 'data-collection', class: 'safety' };
    const refused = (clause: string) => ({ refusal: { code: 'agreement_incoherent', clause } });
    expect(activate(relied(), Date.now())).toMatchObject(refused('safety-notice'));
    expect(activate(relied(notice, lease), Date.now())).toMatchObject(refused('offline'));
    expect(activate(relied(notice), Date.now())).toMatchObject({ allowed: true });
  }, 30_000);

  it('takes up again a machine’s session on which safety rests: by its key and the disk, with the broker dead since before the start', async () => {
    const who = await aPartnership(Date.now());
    const relied: Partial<Agreement> = {
      resources: anAgreement(who).resources.map((one) => ({ ...one, class: 'safety' as const })),
      terms: [...anAgreement(who).terms, access('machine-to-machine'), { type: 'safety-notice', seconds: 300 }].filter(
        ({ type }) => type !== 'offline',
      ),
    };
    await using plant = await aPlant({ changes: { agreement: relied, grant: byWorkload } });
    const { right, broker, relayPort } = plant;
    const { vendorAgent, buyerAgent } = right.who;
    const pipeline = await right.who.vendor.holder('workload', right.who.recipient.id, ['subject']);
    const chain = { ...right.chain, certificates: [...right.chain.certificates, pipeline.certificate] };
    await ready(plant);
    const leaf = pipeline.signer.kid;
    const subject = { organisation: VENDOR, kind: 'workload' as const, id: pipeline.id };
    const offer = await broker.offer(right, relayPort, { chain, loginProof: null, leaf, subject }, { jkt: leaf });
    broker.say(offer);
    const first = await comeTo(plant, offer, pipeline.key);
    if (!first.allowed) throw new Error(first.refusal.code);
    expect(await echo(first.value, 'status\n')).toBe('status\n');
    await broker.stop();
    await plant.restart(undefined, { alone: true });
    expect(await leasesOf(plant)).toBe(0);
    const again = async (key = pipeline.key) => {
      const came = await comeTo(plant, offer, key);
      return came.allowed ? came.value : undefined;
    };
    // Nobody else's key, whatever he has read of the first time.
    expect(await again(newPrivateKey())).toBeUndefined();
    let session = await again();
    await until(async () => {
      session = session ?? (await again());
      return session !== undefined;
    }, 20_000);
    if (!session) throw new Error('it did not come back');
    expect(await echo(session, 'status\n')).toBe('status\n');
    // The other side's cut waits for its notice; the owner's does not, and what he cut does not come back.
    const cut = async (over: Partial<Act>, by: Signer) =>
      (await local(plant, 'POST', '/acts', { act: await signed(revocation(right, over), by, Date.now()) })).status;
    expect(await cut({ organisation: VENDOR }, vendorAgent.signer)).toBe(200);
    expect(await echo(session, 'status\n')).toBe('status\n');
    expect(await cut({}, buyerAgent.signer)).toBe(200);
    expect(await session.closed).toMatchObject({ code: 'taken_away' });
    expect(await again()).toBeUndefined();
    expect((await stateOf(plant)).sessions).toEqual([]);
  }, 60_000);

  it('is told in the log which program enforces for it, once for every start', async () => {
    await using plant = await aPlant();
    const { evidence } = plant.broker;
    const starts = () => evidence.filter(({ kind }) => kind === 'gateway.started');
    await until(() => starts().length > 0);
    const [start] = starts();
    expect(evidenceRecord.safeParse(start)).toMatchObject({ success: true });
    expect(start).toMatchObject({
      log: plant.right.agreement.id,
      program: { version: '0.1.0', node: process.version },
    });
    expect(start?.program?.evaluators).toEqual(Object.keys(TERMS).sort());
    // The same, under its own key, for whoever requires a release of it.
    await until(() => plant.broker.signals.length > 0);
    expect(plant.broker.signals[0]?.document).toMatchObject({ signal: 'program', program: start?.program });
    plant.broker.standing(plant.right);
    await opened(plant);
    await until(() => evidence.some(({ kind }) => kind === 'session.opened'));
    expect(starts()).toHaveLength(1);
  }, 30_000);
});
