import { openRemote } from '@interlock/client';
import type { Admission } from '@interlock/contracts';
import type { LocalId } from '@interlock/domain';
import { BUYER, type Holder, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { meddlingRelay } from './meddling-relay.js';
import { aPlant, type Plant, ready } from './plant.js';

const press7 = { owner: BUYER, id: 'press-7' as LocalId };

/** The vendor's connector asks the hostile broker, which answers with whatever the attack wants. */
async function asks(plant: Plant, over: Partial<Admission>) {
  const offer = await plant.broker.offer(plant.right, plant.relayPort);
  const { session, ticket, rendezvous, relay, chain } = offer;
  const gateway = { organisation: BUYER, id: plant.right.who.gateway.id };
  plant.broker.admission = { session, ticket, rendezvous, relay, gateway, chain, ...over };
  plant.broker.say(offer);
  return openRemote({
    brokerOrigin: plant.broker.origin,
    organisation: VENDOR,
    pins: plant.right.who.pins,
    key: plant.right.key,
    loginProof: plant.right.loginProof,
    grant: plant.right.grant.id,
    resource: press7,
    action: 'ssh' as LocalId,
    now: () => Date.now(),
  });
}

describe('a connector before a broker in the hands of an attacker', () => {
  it('meets the gateway that the owner certified, or this file would prove nothing', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const met = await asks(plant, {});
    expect(met).toMatchObject({ allowed: true, value: { approvedBy: ['first-approver', 'second-approver'] } });
    if (met.allowed) met.value.session.close();
  });

  it('does not take a person, a stranger or a gateway of another site for it, whatever their certificates say', async () => {
    await using plant = await aPlant();
    const { who, chain } = plant.right;
    const press = { resources: ['press-7' as LocalId] };
    const person = await who.buyer.holder('person', 'posing', ['enforce'], press);
    const elsewhere = await who.buyer.holder('gateway', 'other-gateway', ['enforce'], {
      resources: ['press-9' as LocalId],
    });
    const expired = await who.buyer.holder('gateway', 'old-gateway', ['enforce'], {
      ...press,
      notAfter: Date.now() - 1,
    });
    const early = await who.buyer.holder('gateway', 'new-gateway', ['enforce'], {
      ...press,
      notBefore: Date.now() + 60_000,
    });
    const useless = await who.buyer.holder('gateway', 'mute-gateway', ['call'], press);
    const vendors = await who.vendor.holder('gateway', 'vendor-gateway', ['enforce'], press);
    const holders = [person, elsewhere, expired, early, useless, vendors];
    const certificates = [...chain.certificates, ...holders.map((one) => one.certificate)];
    const named = ({ id, signer }: Holder) => ({ organisation: signer.organisation, id });
    for (const holder of holders) {
      const answer = await asks(plant, { gateway: named(holder), chain: { ...chain, certificates } });
      expect([holder.id, answer]).toMatchObject([holder.id, { refusal: { code: 'not_a_gateway' } }]);
    }
    const borrowed = { organisation: VENDOR, id: who.gateway.id };
    expect(await asks(plant, { gateway: borrowed })).toMatchObject({ refusal: { code: 'not_a_gateway' } });
    expect(plant.machine.bytes()).toBe(0);
  });

  it('says hello to nobody at a relay that terminates TLS', async () => {
    await using relay = await meddlingRelay();
    await using plant = await aPlant();
    const answer = await asks(plant, { relay: { host: '127.0.0.1', port: relay.port } });
    expect(answer).toMatchObject({ refusal: { code: 'peer_key_mismatch' } });
    expect(relay.read()).toBe('');
  });
});
