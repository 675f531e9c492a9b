import type { Act, Batch, LocalId, Signed } from '@interlock/domain';
import { digestOf, type KeyRing, seal, signed, trust, unseal } from '@interlock/proof';
import { aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { KeysThatCount } from './keys-that-count.js';

let right: Right;
let ring: KeyRing;
let sealed: unknown;
beforeAll(async () => {
  right = await aRight({}, NOW);
  const { vendor, buyer, gateway, recipient, vendorAgent, buyerAgent } = right.who;
  const holders = [gateway, recipient, vendorAgent, buyerAgent].map((one) => one.certificate);
  const made = await trust([vendor.entity, buyer.entity], holders, right.who.pins, NOW);
  if (!made.allowed) throw new Error(made.refusal.code);
  ring = made.value;
  const key = ring.find(VENDOR, recipient.signer.kid, 'open')[0];
  if (!key) throw new Error('the recipient has no key that opens');
  const batch: Batch = {
    ...{ agreement: digestOf(right.agreement), grant: digestOf(right.grant), flow: right.grant.id },
    ...{ gateway: { organisation: BUYER, id: gateway.id }, machine: { owner: BUYER, id: 'press-7' as LocalId } },
    ...{ product: 'press-telemetry' as LocalId, region: 'eu-1' as LocalId, presenter: null },
    ...{ sequence: 0, previous: null, recipients: [{ organisation: VENDOR, kid: key.kid }], dropped: 0 },
    observations: [{ at: '2026-06-01T12:00:00Z', key: 'force', value: '120' }],
    ...{ receivedAt: NOW, sealedAt: NOW },
  };
  sealed = JSON.parse((await seal(batch, [key], gateway.signer, NOW)).text);
});

const opens = async (keys: KeysThatCount) => {
  const { signer, key } = right.who.recipient;
  const opened = await unseal(sealed, { organisation: VENDOR, kid: signer.kid, key }, keys.now(), NOW);
  return opened.allowed ? 'opens' : opened.refusal.code;
};

function revoked(by: 'buyer' | 'vendor', key = right.who.gateway.signer.kid): Promise<Signed<Act>> {
  const { organisation } = right.who[by];
  const act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation, agreementId: right.agreement.id },
    ...{ target: { kind: 'key', id: key }, reason: 'others may have it', lifts: null },
    ...{ sequence: 1, previous: null, issuedAt: NOW },
  } as unknown as Act;
  const agent = by === 'buyer' ? right.who.buyerAgent : right.who.vendorAgent;
  return signed(act, agent.signer, NOW);
}

describe('the keys that count at a recipient', () => {
  it('are those that were certified, while nobody took one back', async () => {
    const keys = new KeysThatCount(ring);
    await keys.take(ring, right.agreement, [], NOW);
    expect(await opens(keys)).toBe('opens');
  });

  it('are without the gateway whose own company revoked its key, and stay so when the broker leaves the act out', async () => {
    const keys = new KeysThatCount(ring);
    await keys.take(ring, right.agreement, [await revoked('buyer')], NOW);
    expect(await opens(keys)).toBe('unknown_key');
    await keys.take(ring, right.agreement, [], NOW);
    expect(await opens(keys)).toBe('unknown_key');
  });

  it('lose none by the word of a partner, or by one that nobody signed', async () => {
    const keys = new KeysThatCount(ring);
    const forged = { ...(await revoked('vendor')), document: (await revoked('buyer')).document };
    await keys.take(ring, right.agreement, [await revoked('vendor'), forged], NOW);
    expect(await opens(keys)).toBe('opens');
  });
});
