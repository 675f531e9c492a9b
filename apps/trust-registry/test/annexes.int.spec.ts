import { HandInAgreementAct, HandInAnnex, PublishEntity, ReadMaterial } from '@interlock/contracts';
import {
  type Act,
  type Agreement,
  type Annex,
  type Attestation,
  type Digest,
  type LocalId,
  MACHINE_TRANSITIONS,
  type MachineRecord,
  type MachineTransfer,
  type OrganisationId,
} from '@interlock/domain';
import { digestOf, type Signer, signDocument, signed } from '@interlock/proof';
import { aCompany, BUYER, type Company, NOW, type Partnership, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRegisteredPair, type RegisteredPair } from './a-registered-pair.js';
import { aRegistry, codeOf, type Registry } from './a-registry.js';

const DAY = 86_400_000;
const id = (text: string) => text as LocalId;
const control = id('iec-62443-3-3/sr-1.1');

describe('documents beside the text of an agreement', () => {
  let registry: Registry;
  let pair: RegisteredPair;
  let who: Partnership;
  let newOwner: Company;
  let agreement: Agreement;

  beforeAll(async () => {
    registry = await aRegistry(NOW);
    pair = await aRegisteredPair(registry);
    who = pair.who;
    newOwner = await aCompany('gamma-metals.example', NOW);
    await registry.ask(PublishEntity, { entity: newOwner.entity });
    const press = { owner: BUYER, class: 'standard' as const, services: [id('ssh')] };
    const resources = ['press-7', 'press-8'].map((name) => ({ ...press, id: id(name) }));
    agreement = await pair.activated({ endsAt: NOW + 20 * DAY, resources });
  }, 60_000);
  afterAll(() => registry?.stop());

  const hand = async (document: Annex, signers: readonly Signer[], organisation: OrganisationId = VENDOR) => {
    const signatures = await Promise.all(signers.map((one) => signDocument(document, one, registry.clock.now())));
    const annex = { document, signatures };
    return codeOf(await registry.ask(HandInAnnex, { organisation, agreementId: agreement.id, annex }));
  };
  const attestation = (over: Partial<Attestation> = {}): Attestation => ({
    typ: 'attestation',
    v: 1,
    organisation: VENDOR,
    agreementId: agreement.id,
    control,
    statement: 'security keys for everybody',
    evidence: [{ title: 'report', digest: digestOf('report') }],
    validFrom: NOW,
    validUntil: NOW + 15 * DAY,
    issuedAt: NOW,
    ...over,
  });
  const record = (over: Partial<MachineRecord> = {}): MachineRecord => ({
    typ: 'machine-record',
    v: 1,
    resource: { owner: BUYER, id: id('press-7') },
    sequence: 1,
    previous: null,
    state: 'commissioned',
    nameplate: { uri: 'https://x.example/1', manufacturer: 'Alpine', product: 'P7', serial: '1', built: '2019' },
    site: id('north'),
    zone: id('pressing'),
    level: 1,
    firmware: '4.2',
    supportEndsAt: null,
    takenOver: null,
    issuedAt: NOW,
    ...over,
  });
  /** By which the press leaves its owner. */
  let transfer: MachineTransfer;
  const kinds = async () =>
    (await registry.evidence(agreement.id)).map(({ kind }) => kind).filter((kind) => /^(annex|resource)/.test(kind));
  const seen = async (organisation: OrganisationId) => {
    const read = await registry.ask(ReadMaterial, { organisation, agreementId: agreement.id, only: null });
    return read.allowed ? read.value.annexes.map(({ annex, signers }) => [annex.document.typ, signers]) : codeOf(read);
  };

  it('are kept once, verified, in the log, and shown to the parties alone', async () => {
    const one = attestation();
    expect(await hand(one, [who.vendor.agreement])).toBe('allowed');
    expect(await hand(one, [who.vendor.agreement])).toBe('allowed');
    expect(await kinds()).toEqual(['annex.taken']);
    expect(await seen(BUYER)).toEqual([['attestation', [VENDOR]]]);
    expect(await seen(newOwner.organisation)).toBe('not_a_party');
    expect(await hand(attestation({ statement: 'other' }), [who.buyer.agreement])).toBe('wrong_issuer');
    expect(await hand(one, [who.vendor.agreement], newOwner.organisation)).toBe('not_a_party');
    for (const table of ['annexes', 'annex_notices', 'machines'])
      expect(await registry.asService(`select * from ${table}`)).toEqual([]);
    const own = await registry.asService('select digest from annexes', newOwner.organisation);
    expect(own).toEqual([]);
  });

  it('are withdrawn by an act of a party, under the agreement they hang on', async () => {
    const act: Act = {
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: BUYER,
      agreementId: agreement.id,
      target: { kind: 'annex', id: digestOf(attestation()) as Digest },
      reason: 'the report was wrong',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: registry.clock.now(),
    };
    const signedAct = await signed(act, who.buyerAgent.signer, registry.clock.now());
    expect(codeOf(await registry.ask(HandInAgreementAct, { organisation: BUYER, act: signedAct }))).toBe('allowed');
    expect(await kinds()).toEqual(['annex.taken', 'annex.withdrawn']);
    const suspended = { ...act, verb: 'suspend' as const };
    const wrong = await signed(suspended, who.buyerAgent.signer, registry.clock.now());
    expect(codeOf(await registry.ask(HandInAgreementAct, { organisation: BUYER, act: wrong }))).toBe('malformed');
  });

  it('follow a machine through its life, and nothing begins again', async () => {
    const first = record();
    const moved = record({ sequence: 2, previous: digestOf(first) as Digest, site: id('south') });
    const certify = [who.buyer.certify];
    expect(await hand(moved, certify)).toBe('annex_out_of_order');
    expect(await hand(first, certify)).toBe('allowed');
    expect(await hand(record({ firmware: '9' }), certify)).toBe('annex_out_of_order');
    expect(await hand(moved, certify)).toBe('allowed');
    transfer = {
      typ: 'machine-transfer',
      v: 1,
      from: first.resource,
      to: { owner: newOwner.organisation, id: id('press-1') },
      nameplate: digestOf(first.nameplate) as Digest,
      at: NOW + DAY,
      reason: 'sold',
      issuedAt: NOW,
    };
    expect(await hand(transfer, [who.buyer.agreement])).toBe('signature_missing');
    expect(await hand(transfer, [who.buyer.agreement, newOwner.agreement])).toBe('allowed');
    expect(await hand({ ...transfer, reason: 'again' }, [who.buyer.agreement, newOwner.agreement])).toBe(
      'illegal_transition',
    );
    const back = record({ sequence: 4, previous: digestOf(transfer) as Digest });
    expect(await hand(back, certify)).toBe('illegal_transition');
    // The evidence stays with both sides of the old agreement, who gave it away and who served it.
    for (const side of [VENDOR, BUYER])
      expect(await seen(side)).toContainEqual(['machine-transfer', [BUYER, newOwner.organisation].sort()]);
    expect(await registry.evidence(agreement.id)).toContainEqual({
      ...{ kind: 'annex.taken', code: 'machine-transfer', clause: null },
    });
  });

  const storedRows = async () =>
    (
      await registry.asService('select (select count(*) from annexes) + (select count(*) from machines) as rows', '*')
    )[0];

  it('name what is there: a dangling or a cyclic reference is refused by its code, and nothing is kept of it', async () => {
    const acceptance = (of: object): Annex => ({
      ...{
        typ: 'acceptance',
        v: 1,
        organisation: BUYER,
        agreementId: agreement.id,
        attestation: digestOf(of) as Digest,
      },
      ...{ validUntil: NOW + 60 * DAY, issuedAt: NOW },
    });
    const gone = { owner: BUYER, id: id('press-7') };
    const press = { owner: BUYER, id: id('press-8') };
    const another = (over: Partial<MachineTransfer>): MachineTransfer => ({
      ...{ typ: 'machine-transfer', v: 1, from: press, to: { owner: newOwner.organisation, id: id('press-2') } },
      ...{ nameplate: digestOf(record().nameplate) as Digest, at: NOW + DAY, reason: 'sold', issuedAt: NOW, ...over },
    });
    const certify = [who.buyer.certify];
    const both = [who.buyer.agreement, newOwner.agreement];
    expect(await hand(record({ resource: press }), certify)).toBe('allowed');
    const before = await storedRows();
    const takenOver = (of: object) =>
      record({
        resource: press,
        sequence: 2,
        previous: digestOf(record({ resource: press })) as Digest,
        takenOver: digestOf(of) as Digest,
      });
    expect(await hand(acceptance({ nobody: 'said' }), [who.buyer.agreement])).toBe('reference_dangling');
    expect(await hand(acceptance(record({ resource: press })), [who.buyer.agreement])).toBe('reference_dangling');
    expect(await hand(takenOver({ nobody: 'gave' }), certify)).toBe('reference_dangling');
    for (const elsewhere of [record(), transfer])
      expect(await hand(takenOver(elsewhere), certify)).toBe('reference_dangling');
    expect(await hand(another({ nameplate: digestOf('another machine') as Digest }), both)).toBe('reference_dangling');
    const back = another({ from: { owner: newOwner.organisation, id: id('press-1') }, to: gone });
    expect(await hand(back, both)).toBe('reference_cyclic');
    expect(await storedRows()).toEqual(before);
    expect(await hand(acceptance(attestation()), [who.buyer.agreement])).toBe('allowed');
    expect(await hand(another({}), both)).toBe('allowed');
  });

  it.each([
    [`update machines set state = 'commissioned', sequence = sequence + 1`],
    [`update machines set sequence = sequence + 2`],
    [`delete from machines`],
    [`insert into machine_moves values ('transferred', 'commissioned')`],
    [`insert into machines values ('x.example', 'y', 1, 'd', 'decommissioned', 'none')`],
    [`update annexes set body = '{}'`],
    [`delete from annexes`],
    [`insert into annex_notices values ('agr', 'digest', 'expiring', 1)`],
  ])('are kept by the database too: %s is refused', async (statement) => {
    await expect(registry.asService(statement, '*')).rejects.toThrow();
  });

  it('know the same life of a machine in the database as in the rule', async () => {
    const moves = await registry.asService('select from_state, to_state from machine_moves', '*');
    const wanted = Object.entries(MACHINE_TRANSITIONS).flatMap(([from_state, all]) =>
      all.map((to_state) => ({ from_state, to_state })),
    );
    expect(moves).toHaveLength(wanted.length + 1);
    expect(moves).toEqual(expect.arrayContaining([...wanted, { from_state: 'none', to_state: 'commissioned' }]));
  });

  it('warn both once before they end, and say once that they have', async () => {
    const until = async (wanted: string) => {
      const deadline = Date.now() + 15_000;
      while (!(await kinds()).includes(wanted) && Date.now() < deadline);
      return (await registry.evidence(agreement.id)).filter(({ kind }) => kind === wanted);
    };
    expect(await kinds()).not.toContain('annex.expiring');
    registry.clock.advance(15 * DAY);
    const clause = `equivalence ${VENDOR} ${control}`;
    expect(await until('annex.expiring')).toEqual([{ kind: 'annex.expiring', code: 'attestation', clause }]);
    expect(await until('annex.ended')).toEqual([{ kind: 'annex.ended', code: 'attestation', clause }]);
    expect((await kinds()).filter((kind) => kind === 'annex.expiring')).toHaveLength(1);
  }, 40_000);
});
