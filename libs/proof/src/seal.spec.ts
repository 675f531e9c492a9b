import type { Batch, Digest, LocalId } from '@interlock/domain';
import { aPartnership, BUYER, type Holder, NOW, type Partnership, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GeneralJWE } from 'jose';
import { digestOf } from './canonical-json.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { keySigner, newPrivateKey } from './keys.js';
import { seal, unseal } from './seal.js';
import { trust } from './trust.js';

const id = (text: string) => text as LocalId;
const press7 = { owner: BUYER, id: id('press-7') };
let who: Partnership;
let third: Holder;
let tap: Holder;
let otherGateway: Holder;
let twinGateway: Holder;
let vendorsGateway: Holder;
let asPerson: Holder;
let ring: KeyRing;

beforeAll(async () => {
  who = await aPartnership();
  third = await who.vendor.holder('workload', 'somebody-else', ['open']);
  tap = await who.buyer.holder('workload', 'telemetry-pipeline', ['open']);
  otherGateway = await who.buyer.holder('gateway', 'other-gateway', ['enforce'], { resources: [id('press-9')] });
  twinGateway = await who.buyer.holder('gateway', 'twin-gateway', ['enforce'], { resources: [id('press-7')] });
  vendorsGateway = await who.vendor.holder('gateway', 'plant-gateway', ['enforce'], { resources: [id('press-7')] });
  asPerson = await who.buyer.holder('person', 'plant-gateway', ['enforce'], { resources: [id('press-7')] });
  const holders = [
    who.gateway,
    who.recipient,
    third,
    tap,
    otherGateway,
    twinGateway,
    vendorsGateway,
    asPerson,
    who.technician,
  ];
  const made = await trust(
    [who.vendor.entity, who.buyer.entity],
    holders.map((one) => one.certificate),
    who.pins,
    NOW,
  );
  if (!made.allowed) throw new Error(made.refusal.code);
  ring = made.value;
});

const known = (holder: Holder): KnownKey =>
  ring.find(holder.signer.organisation, holder.signer.kid, 'open')[0] as KnownKey;
const opener = ({ signer, key }: Holder) => ({ organisation: signer.organisation, kid: signer.kid, key });

function aBatch(recipients: readonly Holder[], over: Partial<Batch> = {}): Batch {
  return {
    typ: 'batch',
    v: 1,
    agreement: digestOf('agreement'),
    grant: digestOf('grant'),
    flow: 'grt_0123456789abcdefghjkmnpqrs',
    gateway: { organisation: BUYER, id: who.gateway.id },
    machine: press7,
    product: id('press-telemetry'),
    region: id('eu-1'),
    presenter: null,
    sequence: 0,
    previous: null as Digest | null,
    recipients: recipients.map(({ signer }) => ({ organisation: signer.organisation, kid: signer.kid })),
    observations: [{ at: '2026-06-01T12:00:00Z', key: 'force', value: '120' }],
    dropped: 0,
    receivedAt: NOW,
    sealedAt: NOW,
    ...over,
  };
}

const sealedBy = (gateway: Holder, over: Partial<Batch> = {}) =>
  seal(aBatch([who.recipient], over), [known(who.recipient)], gateway.signer, NOW);
const open = (sealed: unknown, holder: Holder = who.recipient) => unseal(sealed, opener(holder), ring, NOW);

describe('a sealed batch', () => {
  it('opens for each of its recipients and says who sealed it', async () => {
    const sealed = await seal(
      aBatch([who.recipient, tap]),
      [known(who.recipient), known(tap)],
      who.gateway.signer,
      NOW,
    );
    for (const holder of [who.recipient, tap]) {
      expect(await open(sealed, holder)).toMatchObject({ allowed: true, value: { batch: { machine: press7 } } });
    }
  });

  it('(h) handed to a third party says nothing', async () => {
    const sealed = await sealedBy(who.gateway);
    expect(await open(sealed, third)).toMatchObject({ refusal: { code: 'not_a_recipient' } });
    // The envelope renamed for the third party: its key still opens nothing.
    const renamed = {
      ...sealed,
      recipients: sealed.recipients.map((one) => ({ ...one, header: { ...one.header, kid: third.signer.kid } })),
    };
    expect(await open(renamed, third)).toMatchObject({ refusal: { code: 'not_sealed' } });
  });

  it('(h) is not opened by whoever was added on the envelope only, even by the gateway itself', async () => {
    const sealed = await seal(aBatch([who.recipient]), [known(who.recipient), known(third)], who.gateway.signer, NOW);
    expect(await open(sealed, third)).toMatchObject({ refusal: { code: 'recipients_differ' } });
    expect(await open(sealed)).toMatchObject({ allowed: true });
  });

  it('(h) is refused when a byte of it was altered, or it is no envelope at all', async () => {
    const sealed = await sealedBy(who.gateway);
    const at = sealed.ciphertext[10] === 'A' ? 'B' : 'A';
    const altered: GeneralJWE = {
      ...sealed,
      ciphertext: `${sealed.ciphertext.slice(0, 10)}${at}${sealed.ciphertext.slice(11)}`,
    };
    expect(await open(altered)).toMatchObject({ refusal: { code: 'not_sealed' } });
    for (const garbage of [
      undefined,
      null,
      'x',
      7,
      {},
      { recipients: 'all' },
      { recipients: [] },
      { plaintext: 'x' },
    ]) {
      const opened = await open(garbage);
      expect(opened.allowed).toBe(false);
      expect(opened).toMatchObject({ refusal: { code: expect.stringMatching(/^not_(sealed|a_recipient)$/) } });
    }
  });

  it('(g) published by whoever holds a bus user, but no gateway key, is refused', async () => {
    const stranger = { ...who.gateway, signer: keySigner(BUYER, newPrivateKey()) };
    expect(await open(await sealedBy(stranger))).toMatchObject({ refusal: { code: 'unknown_key' } });
    const broker = { ...who.gateway, signer: keySigner('broker.example' as typeof BUYER, newPrivateKey()) };
    expect(await open(await sealedBy(broker))).toMatchObject({ refusal: { code: 'wrong_issuer' } });
    // Neither a person of the right company, nor one whose certificate says "enforce".
    expect(await open(await sealedBy(who.technician))).toMatchObject({ refusal: { code: 'wrong_issuer' } });
    expect(await open(await sealedBy(asPerson))).toMatchObject({ refusal: { code: 'not_a_gateway' } });
  });

  it('(g) is not taken from another gateway: of another site, of another company, or under its name', async () => {
    expect(await open(await sealedBy(otherGateway))).toMatchObject({ refusal: { code: 'not_a_gateway' } });
    // It enforces for the same press, and still does not speak in the other one's name.
    expect(await open(await sealedBy(twinGateway))).toMatchObject({ refusal: { code: 'not_a_gateway' } });
    const underOwnName = { gateway: { organisation: BUYER, id: id('other-gateway') } };
    expect(await open(await sealedBy(otherGateway, underOwnName))).toMatchObject({
      refusal: { code: 'not_a_gateway' },
    });
    const press9 = { ...underOwnName, machine: { owner: BUYER, id: id('press-9') } };
    expect(await open(await sealedBy(otherGateway, press9))).toMatchObject({ allowed: true });
    const vendors = { gateway: { organisation: VENDOR, id: id('plant-gateway') } };
    expect(await open(await sealedBy(vendorsGateway, vendors))).toMatchObject({ refusal: { code: 'not_a_gateway' } });
  });

  it('(g) sealed under a key that has expired is refused', async () => {
    const expired = await unseal(await sealedBy(who.gateway), opener(who.recipient), ring, NOW + 8 * 86_400_000);
    expect(expired).toMatchObject({ refusal: { code: 'key_expired' } });
  });
});
