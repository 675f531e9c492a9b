import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Annex, EquivalenceTerm, LocalId, Term } from '@interlock/domain';
import { decide } from '@interlock/domain';
import { digestOf, type Signer, signDocument, verifyChain } from '@interlock/proof';
import { aRight, BUYER, type Right, type RightChanges, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, aKeeper, type Kept, provisionedFor, revocationOf, standingOf } from '../../test/two-sides.js';
import { circumstancesOf, leasesOf } from './held-agreement.js';

const DAY = 86_400_000;
const id = (text: string) => text as LocalId;
const press = { owner: BUYER, id: id('press-7') };
const term: EquivalenceTerm = {
  type: 'equivalence',
  party: VENDOR,
  control: id('iec-62443-3-3/sr-1.1'),
  kinds: ['remote-service'],
  resources: [],
  warnSeconds: 0,
};

describe('what hangs on an agreement, at the gateway', () => {
  let right: Right;
  let kept: Kept;
  let folder: ReturnType<typeof aFolder>;
  beforeEach(() => {
    folder = aFolder();
  });
  afterEach(() => folder[Symbol.dispose]());

  const begin = async (more: readonly Term[], over: RightChanges = {}) => {
    const { terms } = (await aRight({}, Date.now())).agreement;
    right = await aRight({ ...over, agreement: { terms: [...terms, ...more], ...over.agreement } }, Date.now());
    kept = aKeeper(provisionedFor(right), folder.path);
  };
  const annex = async (document: Annex, ...signers: Signer[]) => ({
    document,
    signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, Date.now()))),
  });
  type Standing = NonNullable<Parameters<typeof standingOf>[1]>;
  const judge = async (over: Standing = {}) => {
    await kept.keeper.takeStanding(standingOf(right, over));
    const held = kept.keeper.agreements.get(right.agreement.id);
    if (!held) throw new Error('the standing was not taken');
    const [now, self] = [Date.now(), { organisation: BUYER, resources: [press.id] }];
    const chain = await verifyChain(right.chain, right.who.pins, self, { loginProof: right.loginProof }, now);
    if (!chain.allowed) return chain.refusal.code;
    const { subject, jkt: leaf } = chain.value;
    const ask = { subject, leaf, action: id('ssh'), resource: press, session: null };
    const decision = decide(chain.value, ask, circumstancesOf(held), now);
    return decision.allowed ? 'allowed' : decision.refusal.code;
  };
  const head = () => ({ v: 1 as const, agreementId: right.agreement.id, issuedAt: Date.now() });
  const attested = () => ({
    typ: 'attestation' as const,
    ...head(),
    organisation: VENDOR,
    control: term.control,
    statement: 'security keys for everybody',
    evidence: [{ title: 'report', digest: digestOf('report') }],
    validFrom: Date.now() - DAY,
    validUntil: Date.now() + DAY,
  });

  it('opens what depends on a control once both sides have signed for it, and no forged word does', async () => {
    await begin([term]);
    const { vendor, buyer, vendorAgent } = right.who;
    expect(await judge()).toBe('equivalence_lapsed');
    const one = attested();
    const accepted = { typ: 'acceptance' as const, ...head(), organisation: BUYER, attestation: digestOf(one) };
    const acceptance = { ...accepted, validUntil: Date.now() + DAY };
    const attestation = await annex(one, vendor.agreement);
    const forged = await annex(acceptance, vendor.agreement);
    const running = await annex(one, vendorAgent.signer);
    expect(await judge({ annexes: [attestation, forged] })).toBe('equivalence_lapsed');
    expect(await judge({ annexes: [running] })).toBe('equivalence_lapsed');
    expect(await judge({ annexes: [await annex(acceptance, buyer.agreement)] })).toBe('allowed');
  });

  it('is closed by a withdrawal from any path, and stays closed when the broker forgets it', async () => {
    await begin([term]);
    const { vendor, buyer } = right.who;
    const one = attested();
    const annexes = [
      await annex(one, vendor.agreement),
      await annex(
        {
          typ: 'acceptance',
          ...head(),
          organisation: BUYER,
          attestation: digestOf(one),
          validUntil: Date.now() + DAY,
        },
        buyer.agreement,
      ),
    ];
    expect(await judge({ annexes })).toBe('allowed');
    const act = await revocationOf(right, { target: { kind: 'annex', id: digestOf(one) } });
    expect(await kept.keeper.takeAct(act)).toMatchObject({ allowed: true });
    expect(await judge({ annexes })).toBe('equivalence_lapsed');
  });

  it('takes a machine out when its old owner signed it away, and keeps it out', async () => {
    await begin([]);
    expect(await judge()).toBe('allowed');
    const transfer = {
      typ: 'machine-transfer' as const,
      v: 1 as const,
      from: press,
      to: { owner: VENDOR, id: id('press-1') },
      nameplate: digestOf('nameplate'),
      at: Date.now() - 1,
      reason: 'bought back',
      issuedAt: Date.now(),
    };
    const { vendor, buyer } = right.who;
    expect(await judge({ annexes: [await annex(transfer, vendor.agreement)] })).toBe('allowed');
    expect(await judge({ annexes: [await annex(transfer, buyer.agreement, vendor.agreement)] })).toBe(
      'machine_transferred',
    );
    expect(await judge()).toBe('machine_transferred');
  });

  it('takes a machine out of every agreement of its owner, under whichever of them it was said', async () => {
    await begin([]);
    expect(await judge()).toBe('allowed');
    const first = right;
    const id2 = 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as typeof first.agreement.id;
    const second = await rightUnder(first.who, { ...first.agreement, id: id2 }, {}, Date.now());
    const { vendor, buyer } = first.who;
    const nameplate = { uri: '', manufacturer: 'Alpine', product: 'P7', serial: '1', built: '2019' };
    const end = {
      ...{ typ: 'machine-record' as const, v: 1 as const, resource: press, sequence: 2, previous: digestOf('record') },
      ...{ state: 'decommissioned' as const, nameplate, site: id('north'), zone: id('pressing'), level: 1 },
      ...{ firmware: '', supportEndsAt: null, takenOver: null, issuedAt: Date.now() },
    };
    const under = async (one: Right, over: Standing = {}) => {
      right = one;
      return judge(over);
    };
    expect(await under(second, { annexes: [await annex(end, vendor.certify)] })).toBe('allowed');
    expect(await under(first)).toBe('allowed');
    kept.changes.length = 0;
    expect(await under(second, { annexes: [await annex(end, buyer.certify)] })).toBe('machine_decommissioned');
    // What is live under the other agreement is looked at again at once, though nothing came under it.
    expect(kept.changes).toContain(first.agreement.id);
    expect(await under(first)).toBe('machine_decommissioned');
  });

  it('lets no partner end the machine of a third company by saying that it got it', async () => {
    const analytics = { owner: VENDOR, id: id('analytics'), class: 'standard' as const, services: [id('https')] };
    const { resources } = (await aRight({}, Date.now())).agreement;
    await begin([], { agreement: { resources: [...resources, analytics] } });
    const theirs = {
      ...{ typ: 'machine-transfer' as const, v: 1 as const, nameplate: digestOf('nameplate'), reason: 'it is mine' },
      ...{ from: { owner: 'gamma-metals.example' as never, id: id('mill') }, to: { owner: VENDOR, id: analytics.id } },
      ...{ at: Date.now() - 1, issuedAt: Date.now() },
    };
    await judge({ annexes: [await annex(theirs, right.who.vendor.agreement)] });
    const held = kept.keeper.agreements.get(right.agreement.id)!;
    expect([held.annexes.size, held.remembered.ends.size]).toEqual([1, 0]);
  });

  it('holds no more of a partner’s papers than its share, and all of its own company’s', async () => {
    await begin([{ ...term, control: id('iec-62443-3-3/sr-1.2') }]);
    const { vendor, buyer } = right.who;
    const many = Array.from({ length: 1_000 }, (_none, at) => ({ ...attested(), statement: `statement ${at}` }));
    const flood = await Promise.all(many.map((one) => annex(one, vendor.agreement)));
    await judge({ annexes: flood });
    const held = () => kept.keeper.agreements.get(right.agreement.id)!.annexes;
    expect(held().size).toBe(1_000);
    await judge({ annexes: [await annex({ ...attested(), statement: 'one more' }, vendor.agreement)] });
    expect(held().size).toBe(1_000);
    const { reason, evidence } = { reason: 'sold', evidence: [{ title: 'order', digest: digestOf('order') }] };
    const own = { typ: 'insolvency-notice' as const, ...head(), organisation: BUYER, party: VENDOR, reason, evidence };
    await judge({ annexes: [await annex(own, buyer.agreement)] });
    expect(held().size).toBe(1_001);
    const ours = many.map((one) => ({ ...one, organisation: BUYER }));
    await judge({ annexes: await Promise.all(ours.map((one) => annex(one, buyer.agreement))) });
    expect(held().size).toBe(2_001);
  });

  it('takes a machine out by its owner’s own hand, where a broker would rather not say it', async () => {
    await begin([]);
    expect(await judge()).toBe('allowed');
    const act = await revocationOf(right, { target: { kind: 'resource', id: press.id } });
    expect(await kept.keeper.takeAct(act)).toMatchObject({ allowed: true });
    expect(await judge()).toBe('taken_away');
  });

  it('waits no longer for the lease of a party that is insolvent as both foresaw', async () => {
    const foreseen = { type: 'insolvency', party: VENDOR, successor: null, kinds: ['remote-service'], waitSeconds: 0 };
    await begin([{ ...foreseen, resources: [press] } as Term]);
    const held = () => kept.keeper.agreements.get(right.agreement.id)!;
    expect(await judge()).toBe('allowed');
    expect(leasesOf(held(), Date.now())).toHaveLength(2);
    const notice = {
      typ: 'insolvency-notice' as const,
      ...head(),
      organisation: BUYER,
      party: VENDOR,
      reason: 'opened by the court',
      evidence: [{ title: 'order', digest: digestOf('order') }],
    };
    expect(await judge({ annexes: [await annex(notice, right.who.vendor.agreement)] })).toBe('allowed');
    expect(await judge({ annexes: [await annex(notice, right.who.buyer.agreement)] })).toBe('party_insolvent');
    expect(leasesOf(held(), Date.now())).toHaveLength(1);
  });

  it('counts a notice from when it was first held here, over a restart, however it is dated', async () => {
    const foreseen = {
      type: 'insolvency',
      party: VENDOR,
      successor: null,
      kinds: ['remote-service'],
      waitSeconds: 3_600,
    };
    await begin([{ ...foreseen, resources: [press] } as Term]);
    const said = {
      organisation: BUYER,
      party: VENDOR,
      reason: 'opened by the court',
      evidence: [{ title: 'order', digest: digestOf('order') }],
    };
    const notice = { typ: 'insolvency-notice' as const, ...head(), ...said, issuedAt: Date.now() - DAY };
    const annexes = [await annex(notice, right.who.buyer.agreement)];
    expect(await judge({ annexes })).toBe('allowed');
    const since = () => kept.keeper.agreements.get(right.agreement.id)?.annexes.get(digestOf(notice))?.heldSince;
    const first = since();
    expect(Date.now() - (first ?? 0)).toBeLessThan(DAY / 2);
    kept = aKeeper(provisionedFor(right), folder.path);
    expect([await judge({ annexes }), since()]).toEqual(['allowed', first]);
    const file = join(folder.path, 'first-held');
    writeFileSync(file, `torn\n${readFileSync(file, 'utf8').replace(/\d+\n$/, `${Date.now() - DAY}\n`)}`);
    kept = aKeeper(provisionedFor(right), folder.path);
    expect(await judge({ annexes })).toBe('party_insolvent');
  });
});
