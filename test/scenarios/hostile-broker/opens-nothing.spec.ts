import { newPrivateKey } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import { aPlant, echo, enter, until } from './plant.js';

describe('a broker in the hands of an attacker', () => {
  it('can carry an honest session, or this whole file would prove nothing', async () => {
    await using plant = await aPlant();
    await until(async () => (await stateOf(plant.gateway.localPort)).leases === 2);
    const session = await enter(plant);
    expect(session).toMatchObject({ allowed: true });
    if (!session.allowed) return;
    expect(await echo(session.value, 'uptime\n')).toBe('uptime\n');
    expect(session.value.welcome.approvedBy).toEqual(['first-approver', 'second-approver']);
    session.value.close();
    await until(() => plant.broker.evidence.some((record) => record.kind === 'session.closed'));
  });

  it('(a) does not get in with a key of its own', async () => {
    await using plant = await aPlant();
    await until(async () => (await stateOf(plant.gateway.localPort)).leases === 2);
    const session = await enter(plant, {}, {}, newPrivateKey());
    expect(session).toMatchObject({ allowed: false });
    expect(plant.machine.bytes()).toBe(0);
  });
});

async function stateOf(port: number): Promise<{ leases: number }> {
  const response = await fetch(`http://127.0.0.1:${port}/state`);
  const state = (await response.json()) as { agreements: { leases: Record<string, boolean> }[] };
  return { leases: Object.values(state.agreements[0]?.leases ?? {}).filter(Boolean).length };
}
