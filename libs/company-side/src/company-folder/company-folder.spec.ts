import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisioning, signed as signedSchema } from '@interlock/contracts';
import type { Agreement, Beat, LocalId, OrganisationId, Thumbprint } from '@interlock/domain';
import {
  digestOf,
  keySigner,
  privateKeyFromPem,
  signed,
  trust,
  verifyAgreement,
  verifyBeat,
  verifyDocument,
} from '@interlock/proof';
import { anAgreement, aPartnership, NOW } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  addGateway,
  addMachine,
  addPerson,
  addPin,
  initCompany,
  layout,
  lockFolder,
  openPersonKey,
  ownPin,
  readCompany,
  renewCertificates,
  renewEntity,
  setApproverHours,
  signAgreement,
  signOfflineAct,
  takeNextEpoch,
} from './index.js';

const BUYER = 'delta-foods.example' as OrganisationId;
const VENDOR = 'alpine-presses.example' as OrganisationId;
const PASSPHRASE = 'correct horse battery';
const DAY = 86_400_000;
const id = (text: string) => text as LocalId;

/** The certificate of an approver as a verifier reads it. */
const approverOf = (dir: string) =>
  readCompany(dir).certificates.find(({ document }) => document.holder.id === 'first-approver')?.document;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'company-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function company(organisation: OrganisationId): Promise<string> {
  const dir = join(root, organisation);
  await initCompany(dir, {
    organisation,
    name: organisation,
    jurisdiction: 'DE',
    agentOrigin: 'http://127.0.0.1:4001',
    brokerOrigin: 'http://127.0.0.1:4000',
    identityProvider: { issuer: 'http://127.0.0.1:4002', clientId: 'company-agent' },
    now: NOW,
  });
  return dir;
}

const ringOf = async (dir: string, now = NOW) => {
  const view = readCompany(dir);
  const ring = await trust(view.entities, view.certificates, view.pins, now);
  if (!ring.allowed) throw new Error(ring.refusal.code);
  return ring.value;
};

describe('a company folder', () => {
  it('holds keys that only its owner can read and documents that verify from the pin', async () => {
    const dir = await company(BUYER);
    for (const folder of [layout(dir).offline, layout(dir).keys]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
    const ring = await ringOf(dir);
    const agent = ring.held(BUYER, 'agent', id('agent'));
    expect(agent.map((key) => [key.purposes, key.notAfter - key.notBefore <= 30 * DAY])).toEqual(
      expect.arrayContaining([
        [['login', 'narrow', 'embargo', 'decide', 'call'], true],
        [['beat'], true],
      ]),
    );
    const beat = agent.find((key) => key.purposes.includes('beat'));
    expect((beat?.notAfter ?? 0) - (beat?.notBefore ?? 0)).toBe(DAY);
    const open = ring.held(BUYER, 'workload', id('telemetry-pipeline')).find((key) => key.purposes.includes('open'));
    expect((open?.notAfter ?? 0) - (open?.notBefore ?? 0)).toBeLessThanOrEqual(7 * DAY);
    expect(ring.held(BUYER, 'witness', id('witness'))).toHaveLength(1);
    await expect(company(BUYER)).rejects.toThrow('already holds');
  });

  it('opens a person’s key with the passphrase alone, and only while it is encrypted', async () => {
    const dir = await company(BUYER);
    const groups = [id('maintenance')];
    const purposes = ['approve'] as const;
    await addPerson(dir, { id: id('first-approver'), groups, purposes, passphrase: PASSPHRASE, now: NOW });
    const folder = layout(dir).person(id('first-approver'));
    const pem = readFileSync(join(folder, 'key.pem'), 'utf8');
    expect(() => privateKeyFromPem(pem)).toThrow();
    expect(openPersonKey(folder, BUYER, 'another passphrase')).toMatchObject({ refusal: { code: 'wrong_passphrase' } });
    const opened = openPersonKey(folder, BUYER, PASSPHRASE);
    const [held] = (await ringOf(dir)).held(BUYER, 'person', id('first-approver'));
    expect(opened.allowed && opened.value.kid).toBe(held?.kid);
    expect(held).toMatchObject({ purposes: ['approve'], groups: ['maintenance'] });
    const short = { id: id('second'), groups, purposes, passphrase: 'short', now: NOW };
    await expect(addPerson(dir, short)).rejects.toThrow('at least 12');
    const twice = { id: id('third'), login: 'first-approver', groups, purposes, passphrase: PASSPHRASE, now: NOW };
    await expect(addPerson(dir, twice)).rejects.toThrow('belongs to somebody else');
  });

  it('provisions a gateway with signed targets and today’s pins, again without changing its key', async () => {
    const dir = await company(BUYER);
    const ticketKey = (await aPartnership()).vendor.root.key;
    const gateway = {
      id: id('plant-gateway'),
      resources: [id('press-7')],
      targets: [{ resource: id('press-7'), service: id('ssh'), host: '127.0.0.1', port: 2222 }],
      relays: [{ host: '127.0.0.1', port: 4100 }],
      regions: [{ region: id('eu-1'), host: '127.0.0.1', port: 4200 }],
      broker: { origin: 'http://127.0.0.1:4000', ticketKey },
      now: NOW,
    };
    const { folder } = await addGateway(dir, gateway);
    const key = readFileSync(join(folder, 'key.pem'), 'utf8');
    addPin(dir, VENDOR, 'A'.repeat(43));
    await addGateway(dir, { ...gateway, now: NOW + 1_000 });
    expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe(key);
    const bundle = signedSchema(provisioning).parse(
      JSON.parse(readFileSync(join(folder, 'provisioning.json'), 'utf8')),
    );
    const ring = await ringOf(dir, NOW + 1_000);
    const demands = [{ issuer: BUYER, purpose: 'certify' as const }];
    const verified = await verifyDocument('provisioning', bundle, ring, demands, NOW + 1_000);
    expect(verified).toMatchObject({ allowed: true, value: { document: { gateway: 'plant-gateway' } } });
    expect(bundle.document.pins.map((pin) => pin.organisation).sort()).toEqual([VENDOR, BUYER]);
    expect(ring.held(BUYER, 'gateway', id('plant-gateway'))).toMatchObject([
      { resources: ['press-7'], notBefore: NOW },
    ]);
    const stray = { ...gateway, resources: [id('press-8')] };
    await expect(addGateway(dir, stray)).rejects.toThrow('not among');
  });

  it('pins only what was compared, and never overwrites a pin', async () => {
    const dir = await company(BUYER);
    const partner = await company(VENDOR);
    const handed = ownPin(partner);
    const spaced = handed.root.replace(/(.{6})/g, '$1 ');
    expect(addPin(dir, handed.organisation, spaced)).toMatchObject({ allowed: true, value: handed });
    expect(addPin(dir, VENDOR, 'A'.repeat(43))).toMatchObject({ refusal: { code: 'root_mismatch' } });
    expect(addPin(dir, VENDOR, 'not a fingerprint')).toMatchObject({ refusal: { code: 'malformed' } });
    expect(readCompany(dir).pins.get(VENDOR)).toBe(handed.root);
  });

  it('signs an agreement of compared partners only, so that both signatures verify everywhere', async () => {
    const [vendor, buyer] = [await company(VENDOR), await company(BUYER)];
    addPin(vendor, BUYER, ownPin(buyer).root);
    const agreement = agreementOf(await aPartnership(), vendor, buyer);
    expect(await signAgreement(buyer, agreement, NOW)).toMatchObject({ refusal: { code: 'party_root_not_pinned' } });
    addPin(buyer, VENDOR, ownPin(vendor).root);
    const signatures = [await signAgreement(vendor, agreement, NOW), await signAgreement(buyer, agreement, NOW)];
    const blocks = signatures.flatMap((one) => (one.allowed ? [one.value] : []));
    const [ours, theirs] = [readCompany(buyer), readCompany(vendor)];
    const ring = await trust([...ours.entities, ...theirs.entities], [], ours.pins, NOW);
    if (!ring.allowed) throw new Error(ring.refusal.code);
    const verified = await verifyAgreement({ document: agreement, signatures: blocks }, ring.value, ours.pins, NOW);
    expect(verified).toMatchObject({ allowed: true });
    const another = {
      ...agreement,
      parties: agreement.parties.map((party) => ({ ...party, root: 'A'.repeat(43) as Thumbprint })),
    };
    expect(await signAgreement(buyer, another, NOW)).toMatchObject({ refusal: { code: 'party_root_not_pinned' } });
  });

  it('keeps narrowing out of the offline key’s hands and everything else out of the agent’s', async () => {
    const dir = await company(BUYER);
    const act = {
      typ: 'act' as const,
      v: 1 as const,
      verb: 'suspend' as const,
      organisation: BUYER,
      agreementId: 'agr_0123456789abcdefghjkmnpqrs' as never,
      target: { kind: 'agreement' as const, id: 'agr_0123456789abcdefghjkmnpqrs' as never },
      reason: 'drill',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: NOW,
    };
    expect(await signOfflineAct(dir, act, NOW)).toMatchObject({ refusal: { code: 'wrong_type' } });
    expect(await signOfflineAct(dir, { ...act, verb: 'terminate' }, NOW)).toMatchObject({ allowed: true });
  });

  it('renews the beat every day without a new key, and opening keys only with a new one', async () => {
    const dir = await company(BUYER);
    const keys = async (now: number) => {
      const ring = await ringOf(dir, now);
      const open = ring
        .held(BUYER, 'workload', id('telemetry-pipeline'))
        .filter((key) => key.purposes.includes('open'));
      const beat = ring.held(BUYER, 'agent', id('agent')).find((key) => key.purposes.includes('beat'));
      return { open: open.map((key) => key.kid), beat };
    };
    const before = await keys(NOW);
    const later = NOW + 0.6 * DAY;
    await renewCertificates(dir, later);
    const after = await keys(later);
    expect(after.beat).toMatchObject({ kid: before.beat?.kid, notBefore: later, notAfter: later + DAY });
    expect(after.open).toEqual(before.open);
    await renewCertificates(dir, NOW + 4 * DAY);
    expect((await keys(NOW + 4 * DAY)).open).toHaveLength(2);
  });

  it('brought back from a copy takes the next epoch; beats of the copy it was made from count nowhere', async () => {
    const dir = await company(BUYER);
    const ask = { organisation: VENDOR, id: id('gateway') };
    const held = { agreement: digestOf(1), entity: digestOf(2), acts: digestOf(3), status: digestOf(4) };
    const beat: Beat = {
      ...{ typ: 'beat', v: 1, organisation: BUYER, epoch: 1, receiver: ask, nonce: '0123456789abcdef', ...held },
      ...{ agreementId: 'agr_00000000000000000000000000' as Beat['agreementId'], checkpoint: null, issuedAt: NOW },
    };
    const beats = async (epoch: number) => {
      const signer = keySigner(BUYER, privateKeyFromPem(readFileSync(join(layout(dir).keys, 'beat.pem'), 'utf8')));
      return verifyBeat(await signed({ ...beat, epoch }, signer, NOW), await ringOf(dir), ask, held, NOW);
    };
    expect(await beats(1)).toMatchObject({ allowed: true });
    expect(await takeNextEpoch(dir, NOW)).toBe(2);
    expect(await beats(1)).toMatchObject({ allowed: false, refusal: { code: 'epoch_over' } });
    expect(await beats(2)).toMatchObject({ allowed: true });
    await renewEntity(dir, NOW);
    expect(await beats(2)).toMatchObject({ allowed: true });
  });

  it('publishes a new entity version under which every certificate still verifies', async () => {
    const dir = await company(BUYER);
    await addMachine(dir, { id: id('press-7'), now: NOW });
    const later = NOW + 40 * DAY;
    const entity = await renewEntity(dir, later, { agentOrigin: 'https://agent.delta-foods.example' });
    expect(entity.document).toMatchObject({ sequence: 2, agentOrigin: 'https://agent.delta-foods.example' });
    const ring = await ringOf(dir, later);
    expect(ring.held(BUYER, 'machine', id('press-7'))).toMatchObject([
      { purposes: ['subject', 'call'], notBefore: NOW },
    ]);
  });

  it('is one writer’s: a second one is refused, the next one after its end is not', async () => {
    const dir = join(root, 'locked');
    const held = lockFolder(dir);
    expect(() => lockFolder(dir)).toThrow(`in use by process ${process.pid}`);
    held.release();
    lockFolder(dir).release();
    writeFileSync(join(dir, 'lock.9'), JSON.stringify({ pid: process.pid, identity: 'of another boot' }));
    lockFolder(dir).release();
  });

  it('refuses a key file that others can read', async () => {
    const dir = await company(BUYER);
    chmodSync(join(layout(dir).offline, 'agreement.pem'), 0o644);
    await expect(signAgreement(dir, agreementOf(await aPartnership(), dir, dir), NOW)).rejects.toThrow('chmod 600');
  });
});

function agreementOf(who: Awaited<ReturnType<typeof aPartnership>>, vendor: string, buyer: string): Agreement {
  const template = anAgreement(who);
  const party = (dir: string, role: 'vendor' | 'buyer') => {
    const { entities } = readCompany(dir);
    const entity = digestOf(entities.at(-1)?.document);
    return { ...ownPin(dir), role, entity };
  };
  return {
    ...template,
    parties: vendor === buyer ? [party(buyer, 'buyer')] : [party(vendor, 'vendor'), party(buyer, 'buyer')],
  };
}

describe('the hours of an approver', () => {
  it('stand in the certificate of the same key, stay when that is renewed, and can be taken away', async () => {
    const dir = await company(BUYER);
    const person = { id: id('first-approver'), groups: [id('maintenance')], passphrase: PASSPHRASE, now: NOW };
    await addPerson(dir, { ...person, purposes: ['approve'] });
    const before = approverOf(dir);
    const hours = [{ from: NOW, to: NOW + DAY }];
    expect(await setApproverHours(dir, person.id, hours, NOW)).toMatchObject({ allowed: true });
    expect(approverOf(dir)).toEqual({ ...before, hours });
    await renewCertificates(dir, NOW + 50 * DAY, ({ holder }) => holder.kind === 'person');
    expect(approverOf(dir)).toMatchObject({ hours, notBefore: NOW });
    await setApproverHours(dir, person.id, null, NOW + 50 * DAY);
    expect(approverOf(dir)).not.toHaveProperty('hours');
    await addPerson(dir, { ...person, id: id('planner'), purposes: ['grant'] });
    for (const nobody of ['planner', 'somebody'])
      expect(await setApproverHours(dir, id(nobody), hours, NOW)).toMatchObject({ refusal: { code: 'unknown_key' } });
  });
});
