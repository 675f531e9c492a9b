import { addPerson, certifyPasskey, readCompany, signRoleMapping } from '@interlock/company-side';
import { auditFilter } from '@interlock/contracts';
import {
  type Digest,
  type EvidenceRecord,
  evidenceOf,
  type LocalId,
  type QuarantineRelease,
  releaseMissing,
} from '@interlock/domain';
import { digestOf, trust, verifyQuarantineRelease } from '@interlock/proof';
import { aPasskey } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SmallLog } from '../../test/small-log.js';
import {
  BUYER,
  browserOf,
  get,
  PASSPHRASE,
  post,
  programOf,
  type Side,
  until,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';
import type { SignedRelease } from './release-held.js';

jest.setTimeout(60_000);

let w: World;
const tokens = new Map<string, string>();
beforeAll(async () => {
  w = await world();
  const common = { passphrase: PASSPHRASE, now: Date.now(), groups: [] };
  await addPerson(w.vendor.dir, { id: 'data-steward' as LocalId, purposes: ['approve'], ...common });
  await addPerson(w.buyer.dir, { id: 'no-approver' as LocalId, purposes: ['grant'], ...common });
  w.vendor.provider.groups.set('data-steward', ['approver']);
  w.buyer.provider.groups.set('no-approver', ['approver']);
  const rules = [{ claim: 'groups', value: 'approver', role: 'approver' as const }];
  await signRoleMapping(w.vendor.dir, { scopes: ['groups'], rules, outsideAuditors: [] }, Date.now());
  await Promise.all([w.restart(w.vendor), w.restart(w.buyer)]);
  for (const name of ['first-approver', 'second-approver', 'no-approver'])
    tokens.set(name, await programOf(w.buyer, name));
  tokens.set('data-steward', await programOf(w.vendor, 'data-steward'));
});
afterAll(() => w?.close());

const CONTENT = digestOf('the bytes');
let made = 0;
/** What the gateway of the plant says, in a log that both companies cosigned. */
function said(...told: readonly Partial<EvidenceRecord>[]): readonly EvidenceRecord[] {
  const { id } = w.agreement;
  const records = told.map((over) =>
    evidenceOf(over.source ?? `${BUYER}/plant-gateway`, `evd_${String(++made).padStart(26, '0')}`, {
      ...{ log: id, kind: 'scan.quarantined', outcome: 'deny', at: Date.now() - 60_000, session: 'grt_1' },
      ...{ resource: { owner: BUYER, id: 'press-7' as LocalId }, recipients: [VENDOR], documents: [CONTENT] },
      ...{ clause: 'signature', count: 1, ...over },
    }),
  );
  const log = new SmallLog(id, w.logKey).add(...records);
  const answer = (asked: URLSearchParams) => {
    const filter = auditFilter.parse(Object.fromEntries(asked));
    const rows = records.flatMap((record, index) =>
      record.kind === filter.kind ? [{ index, record, proof: log.included(index) }] : [],
    );
    return { filter, treeSize: records.length, checkpoint: log.cosigned(w.vendor, w.buyer), rows, next: null };
  };
  w.broker.audit = Object.assign(answer, { treeSize: records.length });
  return records;
}

const addressOf = (side: Side, { id }: Pick<EvidenceRecord, 'id'>) => `${side.origin}/releases/${w.agreement.id}/${id}`;
const shown = async (side: Side, who: string, record: Pick<EvidenceRecord, 'id'>, reason = 'a test file') =>
  (await get(`${addressOf(side, record)}?reason=${encodeURIComponent(reason)}`, tokens.get(who) ?? '')).body as {
    readonly code?: string;
    readonly clause?: string;
    readonly digest: Digest;
    readonly release: QuarantineRelease;
  };
const sent = async (side: Side, who: string, record: Pick<EvidenceRecord, 'id'>, over: object) => {
  const bearer = { authorization: `Bearer ${tokens.get(who)}` };
  return (await post(addressOf(side, record), { passphrase: PASSPHRASE, ...over }, bearer)).body;
};
async function signedBy(side: Side, who: string, record: EvidenceRecord): Promise<SignedRelease> {
  const { digest, release } = await shown(side, who, record);
  const { reason, issuedAt } = release;
  return (await sent(side, who, record, { digest, reason, issuedAt })) as unknown as SignedRelease;
}

/** Judges it as the gateway does that holds these bytes. */
async function atGateway({ release, certificates }: SignedRelease, { at, documents }: EvidenceRecord) {
  const { entities } = readCompany(w.buyer.dir);
  const all = [...entities, ...readCompany(w.vendor.dir).entities];
  const pins = new Map(w.agreement.parties.map(({ organisation, root }) => [organisation, root]));
  const ring = await trust(all, certificates, pins, Date.now());
  if (!ring.allowed) throw new Error(ring.refusal.code);
  const held = { agreementId: w.agreement.id, gateway: { organisation: BUYER, id: 'plant-gateway' as LocalId } };
  const asked = { ...held, flow: 'grt_1', content: documents[0] as Digest, foundAt: at };
  return verifyQuarantineRelease(
    release,
    ring.value,
    { ...asked, owner: BUYER, recipients: [VENDOR], presenter: null },
    Date.now(),
  );
}

describe('a release of what a gateway holds back', () => {
  it('is signed at the agent of each company from the verified record alone, and is what the gateway asks for', async () => {
    const [held] = said({}) as [EvidenceRecord];
    const asked = await shown(w.buyer, 'first-approver', held);
    expect(asked.release).toMatchObject({ content: CONTENT, foundAt: held.at, flow: 'grt_1', reason: 'a test file' });
    expect(digestOf(asked.release)).toBe(asked.digest);
    const by = [];
    for (const [side, who] of [
      [w.buyer, 'first-approver'],
      [w.buyer, 'second-approver'],
      [w.vendor, 'data-steward'],
    ] as const) {
      const word = await atGateway(await signedBy(side, who, held), held);
      if (!word.allowed) throw new Error(JSON.stringify(word.refusal));
      by.push(word.value.by);
    }
    // Two of one company are not both companies.
    expect(releaseMissing(BUYER, [VENDOR], by.slice(0, 2))).toEqual([VENDOR]);
    expect(releaseMissing(BUYER, [VENDOR], by)).toEqual([]);
  });

  it('counts for these bytes, found then, and for nothing else the gateway holds', async () => {
    const [held] = said({}) as [EvidenceRecord];
    const signed = await signedBy(w.buyer, 'first-approver', held);
    for (const other of [
      { ...held, documents: [digestOf('other bytes')] },
      { ...held, at: held.at + 1 },
    ])
      expect(await atGateway(signed, other)).toMatchObject({ refusal: { code: 'release_unfit' } });
    const altered = { ...signed.release, document: { ...signed.release.document, content: digestOf('other bytes') } };
    expect(await atGateway({ ...signed, release: altered }, held)).toMatchObject({ allowed: false });
  });

  it('is of exactly what was shown in this session, by somebody who may, with the own passphrase', async () => {
    const [held] = said({}) as [EvidenceRecord];
    const { digest, release } = await shown(w.buyer, 'first-approver', held);
    const words = { reason: release.reason, issuedAt: release.issuedAt };
    const attempt = (who: string, over: object) => sent(w.buyer, who, held, { digest, ...words, ...over });
    expect(await attempt('first-approver', { reason: 'another' })).toMatchObject({ code: 'not_what_was_shown' });
    expect(await attempt('second-approver', {})).toMatchObject({ code: 'not_what_was_shown' });
    expect(await attempt('first-approver', { passphrase: 'a guess' })).toMatchObject({ code: 'wrong_passphrase' });
    // The role opens the page; without a key that may approve nothing is signed.
    expect(await shown(w.buyer, 'no-approver', held)).toMatchObject({ code: 'not_in_role' });
    // What went on, or was swapped, between the page and the yes is not signed for.
    said({ ...held, documents: [digestOf('other bytes')] });
    expect(await attempt('first-approver', {})).toMatchObject({ code: 'not_what_was_shown' });
    said({});
    expect(await attempt('first-approver', {})).toMatchObject({ code: 'release_unfit' });
  });

  it.each<[string, Partial<EvidenceRecord>, string]>([
    ['went on already', { kind: 'scan.released', outcome: 'allow' }, 'finding'],
    ['is of two other companies', {}, 'organisation'],
  ])('is not asked for where it %s', async (what, over, clause) => {
    const other = { owner: VENDOR, id: 'press-7' as LocalId };
    const told = what.startsWith('is of') ? [{ resource: other, recipients: [] }] : [{}, { ...over, at: Date.now() }];
    const [held] = said(...told) as [EvidenceRecord];
    expect(await shown(w.buyer, 'first-approver', held)).toMatchObject({ code: 'release_unfit', clause });
    expect(await shown(w.buyer, 'first-approver', { id: 'evd_unknown' })).toMatchObject({ code: 'release_unfit' });
  });

  it('is reached from the page of data flows, shown before it is signed, and taken away as a file', async () => {
    const [held] = said({ source: `${BUYER}/plant-gateway` }) as [EvidenceRecord];
    const { robot } = await browserOf(w.buyer, 'first-approver');
    expect((await robot.open(`${w.buyer.origin}/flows`)).html).toContain(`/releases/${w.agreement.id}/${held.id}`);
    const words = await robot.open(addressOf(w.buyer, held));
    expect(words.html).toContain('Show what is signed');
    const page = await robot.open(`${addressOf(w.buyer, held)}?reason=a+test`);
    expect(page.html).toContain(CONTENT);
    const file = await robot.submit(page, { passphrase: PASSPHRASE }, held.id);
    expect(await atGateway(JSON.parse(file.html) as SignedRelease, held)).toMatchObject({ allowed: true });
  });

  it('is signed by a passkey too, that answers to this very document', async () => {
    const [held] = said({}) as [EvidenceRecord];
    const { origin, dir } = w.buyer;
    const { robot } = await browserOf(w.buyer, 'second-approver');
    const asking = (html: string) =>
      JSON.parse((/data-options="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"')) as { challenge: string };
    const passkey = aPasskey();
    const add = await robot.open(`${origin}/passkeys`);
    const answer = JSON.stringify(passkey.registered(asking(add.html).challenge, origin));
    await robot.submit(add, { answer }, '/passkeys');
    await certifyPasskey(dir, 'second-approver' as LocalId, passkey.kid, Date.now());
    const open = () => robot.open(`${addressOf(w.buyer, held)}?reason=a+test`);
    await until(async () => (await open()).html.includes('Sign with your passkey'));
    const page = await open();
    const say = passkey.assert(asking(page.html).challenge, { origin });
    const response = {
      authenticatorData: say.authenticatorData,
      clientDataJSON: say.clientData,
      signature: say.signature,
    };
    const file = await robot.submit(page, { answer: JSON.stringify({ id: passkey.kid, response }) }, held.id);
    expect(await atGateway(JSON.parse(file.html) as SignedRelease, held)).toMatchObject({
      value: { by: { id: 'second-approver' } },
    });
  });
});
