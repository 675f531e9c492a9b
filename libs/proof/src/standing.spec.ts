import type { Act, Beat, Digest, OrganisationId, Purpose, StatusList, Verdict } from '@interlock/domain';
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
import { digestOf } from './canonical-json.js';
import { signDocument, signed } from './envelope.js';
import { type KeyRing, withoutRevoked } from './key-ring.js';
import { keySigner, newPrivateKey, type Signer } from './keys.js';
import { digestOfActs, verifyAct, verifyBeat, verifyStatusList, verifyVerdict } from './standing.js';
import { trust } from './trust.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STRANGER = 'stranger.example' as OrganisationId;
let who: Partnership;
let ring: KeyRing;
let agreement: ReturnType<typeof anAgreement>;
let laterAgent: Holder;

const ringOf = async (holders: readonly Holder[]): Promise<KeyRing> => {
  const entities = [who.vendor.entity, who.buyer.entity];
  const made = await trust(
    entities,
    holders.map((one) => one.certificate),
    who.pins,
    NOW,
  );
  if (!made.allowed) throw new Error(made.refusal.code);
  return made.value;
};
beforeAll(async () => {
  who = await aPartnership();
  agreement = anAgreement(who);
  laterAgent = await who.buyer.holder('agent', 'agent', ['beat', 'narrow'], { epoch: 2 });
  ring = await ringOf([who.vendorAgent, who.buyerAgent, who.approver, who.technician]);
});
const refused = (code: string, clause?: string) => ({ allowed: false, refusal: { code, ...(clause && { clause }) } });

const anAct = (over: Partial<Act> = {}): Act => ({
  typ: 'act',
  v: 1,
  verb: 'revoke',
  organisation: BUYER,
  agreementId: agreement.id,
  target: { kind: 'agreement', id: agreement.id },
  reason: 'the machine is needed',
  lifts: null,
  sequence: 1,
  previous: null,
  issuedAt: NOW,
  ...over,
});

describe('an act', () => {
  const by = async (over: Partial<Act>, signers: readonly Signer[], now = NOW, at = NOW) => {
    const document = anAct(over);
    const signatures = await Promise.all(signers.map((signer) => signDocument(document, signer, at)));
    return verifyAct({ document, signatures }, ring, agreement, now);
  };

  it('narrows by one party’s narrowing key, and says who signed', async () => {
    for (const verb of ['suspend', 'revoke'] as const) {
      expect(await by({ verb }, [who.buyerAgent.signer])).toMatchObject({ allowed: true, value: { signers: [BUYER] } });
      expect(await by({ verb }, [who.buyer.agreement])).toEqual(refused('wrong_purpose', 'act'));
      expect(await by({ verb }, [who.approver.signer])).toEqual(refused('wrong_purpose', 'act'));
      expect(await by({ verb }, [who.vendorAgent.signer])).toEqual(refused('wrong_issuer', 'act'));
    }
  });

  it('narrows also by a key that has expired; nothing else counts from one', async () => {
    expect(await by({}, [who.buyerAgent.signer], NOW + 2 * DAY, NOW + 2 * DAY)).toMatchObject({ allowed: true });
    const ended = { verb: 'terminate' } as const;
    expect(await by(ended, [who.buyer.agreement], NOW + 40 * DAY, NOW)).toEqual(refused('key_expired', 'act'));
  });

  it('terminates by the agreement key of one side, resumes by those of every side', async () => {
    expect(await by({ verb: 'terminate' }, [who.buyer.agreement])).toMatchObject({ allowed: true });
    expect(await by({ verb: 'terminate' }, [who.buyerAgent.signer])).toEqual(refused('wrong_purpose', 'act'));
    const resume = { verb: 'resume', lifts: digestOf('suspension') } as const;
    expect(await by(resume, [who.buyer.agreement, who.vendor.agreement])).toMatchObject({
      value: {
        signers: [BUYER, VENDOR],
        keys: [{ thumbprint: who.buyer.agreement.kid }, { thumbprint: who.vendor.agreement.kid }],
      },
    });
    expect(await by(resume, [who.buyer.agreement])).toEqual(refused('signature_missing', 'act'));
    expect(await by(resume, [who.buyer.agreement, who.buyer.agreement])).toEqual(refused('signature_missing', 'act'));
    expect(await by(resume, [who.buyerAgent.signer, who.vendorAgent.signer])).toEqual(refused('wrong_purpose', 'act'));
  });

  it('is of a party, and of this agreement', async () => {
    expect(await by({ organisation: STRANGER }, [who.buyerAgent.signer])).toEqual(refused('not_a_party'));
    const elsewhere = 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as Act['agreementId'];
    expect(await by({ agreementId: elsewhere }, [who.buyerAgent.signer])).toEqual(refused('not_a_party'));
    expect(await verifyAct({ document: 'x' }, ring, agreement, NOW)).toEqual(refused('malformed', 'act'));
    const document = anAct();
    const other = await signed(anAct({ sequence: 2 }), who.buyerAgent.signer, NOW);
    expect(await verifyAct({ document, signatures: other.signatures }, ring, agreement, NOW)).toEqual(
      refused('bad_signature', 'act'),
    );
  });

  it('is named in a set: neither order nor repeats change the digest, one more act does', () => {
    const [a, b] = [digestOf('a'), digestOf('b')] as [Digest, Digest];
    expect(digestOfActs([a, b])).toBe(digestOfActs([b, a, b]));
    expect(digestOfActs([a])).not.toBe(digestOfActs([a, b]));
    expect(digestOfActs([])).not.toBe(digestOfActs([a]));
  });
});

describe('a beat', () => {
  const held = {
    agreement: digestOf('agreement'),
    entity: digestOf('entity'),
    acts: digestOf('acts'),
    status: digestOf('status'),
  };
  const receiver = { organisation: BUYER, id: 'plant-gateway' as Beat['receiver']['id'] };
  const aBeat = (over: Partial<Beat> = {}): Beat => ({
    typ: 'beat',
    v: 1,
    organisation: BUYER,
    epoch: 1,
    receiver,
    nonce: '0123456789abcdef',
    agreementId: agreement.id,
    ...held,
    checkpoint: null,
    issuedAt: NOW,
    ...over,
  });
  const by = async (over: Partial<Beat>, signer: Signer = who.buyerAgent.signer, now = NOW, at = NOW, keys = ring) =>
    verifyBeat(await signed(aBeat(over), signer, at), keys, receiver, held, now);

  it('counts when its own agent made it, for this receiver, naming exactly what is held', async () => {
    expect(await by({})).toMatchObject({ allowed: true, value: { organisation: BUYER } });
  });

  it.each(['agreement', 'entity', 'acts', 'status'] as const)('not_what_is_held: another %s', async (kind) => {
    expect(await by({ [kind]: digestOf('another') })).toEqual(refused('not_what_is_held', kind));
  });

  it('wrong_receiver: another gateway, or one of the same name elsewhere', async () => {
    expect(await by({ receiver: { ...receiver, id: 'other' as typeof receiver.id } })).toEqual(
      refused('wrong_receiver'),
    );
    expect(await by({ receiver: { ...receiver, organisation: VENDOR } })).toEqual(refused('wrong_receiver'));
  });

  it('from_the_future: on both sides of the skew, for the beat and for its signature', async () => {
    expect(await by({ issuedAt: NOW + 60_000 })).toMatchObject({ allowed: true });
    expect(await by({ issuedAt: NOW + 60_001 })).toEqual(refused('from_the_future', 'beat'));
    expect(await by({}, who.buyerAgent.signer, NOW, NOW + 60_000)).toMatchObject({ allowed: true });
    expect(await by({}, who.buyerAgent.signer, NOW, NOW + 61_000)).toEqual(refused('signed_in_the_future', 'beat'));
  });

  it('nobody beats for somebody else, and no other key beats', async () => {
    expect(await by({}, who.vendorAgent.signer)).toEqual(refused('wrong_issuer', 'beat'));
    expect(await by({ organisation: VENDOR })).toEqual(refused('wrong_issuer', 'beat'));
    expect(await by({}, who.approver.signer)).toEqual(refused('wrong_purpose', 'beat'));
    expect(await by({}, keySigner(BUYER, newPrivateKey()))).toEqual(refused('unknown_key', 'beat'));
    expect(await by({}, who.buyerAgent.signer, NOW + DAY, NOW + DAY)).toEqual(refused('key_expired', 'beat'));
    expect(await verifyBeat({}, ring, receiver, held, NOW)).toEqual(refused('malformed', 'beat'));
  });

  it('epoch_over: under another epoch than its key, or when a later one is certified', async () => {
    expect(await by({ epoch: 2 })).toEqual(refused('epoch_over', 'beat'));
    const both = await ringOf([who.buyerAgent, who.vendorAgent, laterAgent]);
    expect(await by({}, who.buyerAgent.signer, NOW, NOW, both)).toEqual(refused('epoch_over', 'beat'));
    expect(await by({ epoch: 2 }, laterAgent.signer, NOW, NOW, both)).toMatchObject({ allowed: true });
    // The other company's epochs are its own affair.
    expect(await by({ organisation: VENDOR }, who.vendorAgent.signer, NOW, NOW, both)).toMatchObject({ allowed: true });
  });

  it('of a revoked key says nothing; only its own company can revoke it', async () => {
    const revoked = (organisation: OrganisationId, verb: Act['verb'] = 'revoke') =>
      withoutRevoked(ring, [
        {
          act: anAct({ organisation, verb, target: { kind: 'key', id: who.buyerAgent.signer.kid } }),
          digest: digestOf('act'),
          signers: [],
        },
      ]);
    expect(await by({}, who.buyerAgent.signer, NOW, NOW, revoked(BUYER))).toEqual(refused('unknown_key', 'beat'));
    expect(await by({}, who.buyerAgent.signer, NOW, NOW, revoked(VENDOR))).toMatchObject({ allowed: true });
    expect(await by({}, who.buyerAgent.signer, NOW, NOW, revoked(BUYER, 'resume'))).toMatchObject({ allowed: true });
    expect(revoked(BUYER).held(BUYER, 'agent', who.buyerAgent.id)).toEqual([]);
  });
});

describe('a status list and a verdict', () => {
  const list: StatusList = {
    typ: 'status-list',
    v: 1,
    organisation: BUYER,
    agreementId: '' as never,
    sequence: 1,
    invalid: [],
    issuedAt: NOW,
    expiresAt: NOW + DAY,
  };
  const listBy = async (signer: Signer, organisation = BUYER) =>
    verifyStatusList(await signed({ ...list, agreementId: agreement.id }, signer, NOW), ring, organisation, NOW);

  it('a list is of its own agent, and of the organisation it is taken for', async () => {
    expect(await listBy(who.buyerAgent.signer)).toMatchObject({ allowed: true });
    expect(await listBy(who.vendorAgent.signer)).toEqual(refused('wrong_issuer', 'status-list'));
    expect(await listBy(who.approver.signer)).toEqual(refused('wrong_purpose', 'status-list'));
    expect(await listBy(who.buyerAgent.signer, VENDOR)).toEqual(refused('malformed', 'status-list'));
  });

  it('a verdict is signed for its kind by the company whose verdict it is', async () => {
    const clear = (kind: Verdict['kind'], organisation = BUYER): Verdict => ({
      typ: 'verdict',
      v: 1,
      kind,
      organisation,
      grant: digestOf('grant'),
      outcome: 'clear',
      snapshot: digestOf('snapshot'),
      issuedAt: NOW,
      expiresAt: NOW + HOUR,
    });
    const by = async (verdict: Verdict, holder: Holder, keys = ring) =>
      verifyVerdict(await signed(verdict, holder.signer, NOW), keys, NOW);
    for (const kind of ['embargo', 'decide'] as const) {
      expect(await by(clear(kind), who.buyerAgent)).toMatchObject({ allowed: true });
      expect(await by(clear(kind), who.vendorAgent)).toEqual(refused('wrong_issuer', 'verdict'));
      const other: Purpose = kind === 'embargo' ? 'decide' : 'embargo';
      const holder = await who.buyer.holder('agent', 'desk', [other]);
      expect(await by(clear(kind), holder, await ringOf([holder]))).toEqual(refused('wrong_purpose', 'verdict'));
    }
    expect(await verifyVerdict({}, ring, NOW)).toEqual(refused('malformed', 'verdict'));
  });
});
