import { connect } from 'node:net';
import { evidenceRecord } from '@interlock/contracts';
import { type Agreement, activate, TERMS } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { aPlant, echo, opened, shortLease, until } from '../hostile-broker/plant.js';

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
