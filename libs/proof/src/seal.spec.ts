import type { Agreement, Batch, Digest, LocalId } from '@interlock/domain';
import {
  anAgreement,
  aPartnership,
  BUYER,
  type Holder,
  NOW,
  type Partnership,
  VENDOR,
} from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { GeneralEncrypt, type GeneralJWE, generalDecrypt } from 'jose';
import { canonicalBytes, digestOf, digestOfBytes } from './canonical-json.js';
import { signed } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { keyObjectOf, keySigner, newPrivateKey } from './keys.js';
import { contentOf, LARGEST_CONTENT, seal, unseal } from './seal.js';
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

const sealTo = async (batch: Batch, recipients: readonly KnownKey[], gateway = who.gateway): Promise<GeneralJWE> =>
  JSON.parse((await seal(batch, recipients, gateway.signer, NOW)).text);
const sealedBy = (gateway: Holder, over: Partial<Batch> = {}) =>
  sealTo(aBatch([who.recipient], over), [known(who.recipient)], gateway);
const open = (sealed: unknown, holder: Holder = who.recipient) => unseal(sealed, opener(holder), ring, NOW);

describe('a sealed batch', () => {
  it('opens for each of its recipients and says who sealed it', async () => {
    const sealed = await sealTo(aBatch([who.recipient, tap]), [known(who.recipient), known(tap)]);
    for (const holder of [who.recipient, tap]) {
      expect(await open(sealed, holder)).toMatchObject({ allowed: true, value: { batch: { machine: press7 } } });
    }
  });

  it('of as much as one may hold, for as many as a term can name, is one message of a region', async () => {
    const many = Array.from({ length: 16 }, () => who.recipient);
    const [one] = aBatch(many).observations;
    const rest = LARGEST_CONTENT - contentOf([{ at: one?.at ?? '', key: 'force', value: '' }]).length;
    const observations = [{ at: one?.at ?? '', key: 'force', value: 'x'.repeat(rest) }];
    const { text } = await seal(aBatch(many, { observations }), many.map(known), who.gateway.signer, NOW);
    expect(contentOf(observations)).toHaveLength(LARGEST_CONTENT);
    // What the bus compiler gives every account of a region.
    expect(text.length).toBeLessThan(262_144 - 16_384);
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
    const sealed = await sealTo(aBatch([who.recipient]), [known(who.recipient), known(third)]);
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

  it('is not opened where its agreement asks for a scanner and it says of none', async () => {
    const { terms, ...rest } = anAgreement(who);
    const asks = terms.map((one) => (one.type === 'data-collection' ? { ...one, scanning: 'required' } : one));
    const agreement = { ...rest, terms: asks } as Agreement;
    const scan = { engine: 'ClamAV', database: digestOf('database'), at: NOW };
    const opened = async (over: Partial<Batch>) =>
      unseal(await sealedBy(who.gateway, over), opener(who.recipient), ring, NOW, agreement);
    expect(await opened({})).toMatchObject({ refusal: { code: 'scan_missing' } });
    expect(await opened({ scan })).toMatchObject({ allowed: true, value: { batch: { scan } } });
  });

  it('(g) sealed under a key that has expired is refused', async () => {
    const expired = await unseal(await sealedBy(who.gateway), opener(who.recipient), ring, NOW + 8 * 86_400_000);
    expect(expired).toMatchObject({ refusal: { code: 'key_expired' } });
  });
});

describe('the envelope of a sealed batch (RFC 7516)', () => {
  const header = { enc: 'A256GCM', typ: 'interlock-sealed-batch+jwe' };
  const byJose = (
    plain: Uint8Array,
    fields: Record<string, string> = header,
    alg = 'ECDH-ES+A256KW',
    to = known(who.recipient),
  ) =>
    new GeneralEncrypt(plain)
      .setProtectedHeader(fields)
      .addRecipient(keyObjectOf(to.key))
      .setUnprotectedHeader({ alg, kid: to.kid })
      .encrypt();
  const withHead = async (content: string, over: object = {}) => {
    const { observations, ...terms } = aBatch([who.recipient]);
    const document = { typ: 'batch', v: 2, ...terms, content: digestOfBytes(Buffer.from(content)), ...over } as const;
    return canonicalBytes(await signed(document, who.gateway.signer, NOW));
  };
  const beside = (head: Uint8Array, content: string) => Buffer.concat([head, Buffer.from(`\n${content}`)]);
  const CONTENT = '[["2026-06-01T12:00:00Z","force","120"]]';

  it('is opened by a library that knows nothing of it, and a library makes what opens here', async () => {
    const sealed = await sealedBy(who.gateway);
    const { plaintext } = await generalDecrypt(sealed, who.recipient.key);
    expect(Buffer.from(plaintext).toString('utf8').split('\n')[1]).toBe(CONTENT);
    expect(await open(await byJose(plaintext))).toMatchObject({ allowed: true });
  });

  it('holds format 1 too, the observations inside what is signed; the digest names what was signed', async () => {
    const batch = { typ: 'batch', v: 1, ...aBatch([who.recipient]) } as const;
    const plain = canonicalBytes(await signed(batch, who.gateway.signer, NOW));
    expect(await open(await byJose(plain))).toEqual({
      allowed: true,
      value: { batch: aBatch([who.recipient]), digest: digestOf(batch) },
    });
    expect(await open(await byJose(beside(plain, CONTENT)))).toMatchObject({ refusal: { code: 'content_differs' } });
  });

  it('says the same digest where it is sealed and where it is opened', async () => {
    const { text, digest } = await seal(aBatch([who.recipient]), [known(who.recipient)], who.gateway.signer, NOW);
    const opened = await open(JSON.parse(text));
    expect(opened).toEqual({ allowed: true, value: { batch: aBatch([who.recipient]), digest } });
  });

  it('is refused with observations that the signed head does not name, or with none', async () => {
    const head = await withHead(CONTENT);
    expect(await open(await byJose(beside(head, CONTENT)))).toMatchObject({ allowed: true });
    const other = CONTENT.replace('120', '121');
    expect(await open(await byJose(beside(head, other)))).toMatchObject({ refusal: { code: 'content_differs' } });
    expect(await open(await byJose(head))).toMatchObject({ refusal: { code: 'content_differs' } });
  });

  it('is refused where the signed content is no list of observations, or the head no batch', async () => {
    for (const odd of [
      '',
      '{}',
      '[null]',
      '[["a","b","c","d"]]',
      `[["${'a'.repeat(41)}","b","c"]]`,
      '[["a","b"]]',
      '[["a","b",1]]',
      '[{"at":"a","key":"b","value":"c"}]',
    ])
      expect(await open(await byJose(beside(await withHead(odd), odd)))).toMatchObject({
        refusal: { code: 'malformed' },
      });
    const unknown = await withHead(CONTENT, { v: 3 });
    expect(await open(await byJose(beside(unknown, CONTENT)))).toMatchObject({ refusal: { code: 'malformed' } });
  });

  it('is refused in every other form: algorithm, type, parameters nobody gave a meaning, other spellings', async () => {
    const plain = beside(await withHead(CONTENT), CONTENT);
    const one = await byJose(plain);
    const refusedAs = async (sealed: unknown) =>
      expect(await open(sealed)).toMatchObject({ refusal: { code: 'not_sealed' } });
    await refusedAs(await byJose(plain, { ...header, enc: 'A128GCM' }));
    await refusedAs(await byJose(plain, { ...header, typ: 'jwe' }));
    await refusedAs(await byJose(plain, { ...header, cty: 'json' }));
    await refusedAs({ ...one, aad: 'YQ' });
    const mine = one.recipients[0];
    await refusedAs({ ...one, recipients: [{ ...mine, header: { ...mine?.header, alg: 'ECDH-ES' } }] });
    await refusedAs({ ...one, recipients: [{ ...mine, header: { ...mine?.header, apu: 'YQ' } }] });
    const ours = await sealedBy(who.gateway);
    await refusedAs({ ...ours, recipients: [{ ...ours.recipients[0], header: mine?.header }] });
    // A tag cut short is easier to guess.
    await refusedAs({ ...one, tag: Buffer.from(String(one.tag), 'base64url').subarray(0, 12).toString('base64url') });
    await refusedAs({ ...one, tag: `${one.tag}=` });
    await refusedAs({ ...one, ciphertext: 7 });
  });
});
