import type { KeyObject } from 'node:crypto';
import type { KeyCertificate } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import {
  anAgreement,
  anSvid,
  aPartnership,
  BUYER,
  NOW,
  type Right,
  rightUnder,
  VENDOR,
} from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { byWorkload, id, rightOpens, type ShownBy } from '../test/at-the-gateway.js';
import type { Situation } from '../test/situation.js';
import { access } from '../test/terms/honest-terms.js';

const PIPELINE = `spiffe://${VENDOR}/workload/telemetry-pipeline`;
const HOUR = 3_600_000;
const issuing = newPrivateKey('P-256');
let right: Right;
beforeAll(async () => {
  const who = await aPartnership(NOW);
  const issuer = await who.vendor.holder('agent', 'agent', ['issue'], { key: publicJwkOf(issuing) });
  // The partner has an issuer too, and it is nobody's here.
  const theirs = await who.buyer.holder('agent', 'agent', ['issue'], { key: publicJwkOf(foreign) });
  const base = anAgreement(who);
  const made = await rightUnder(
    who,
    { ...base, terms: [...base.terms, access('machine-to-machine')] },
    { grant: byWorkload },
  );
  const certificates = [...made.chain.certificates, issuer.certificate, theirs.certificate];
  right = { ...made, chain: { ...made.chain, certificates } };
});
const foreign = newPrivateKey('P-256');

const kidOf = (key: KeyObject) => thumbprintOf(publicJwkOf(key));
async function bySvid(wish: Parameters<typeof anSvid>[3] = {}, by = issuing): Promise<ShownBy> {
  const key = newPrivateKey('P-256');
  return { loginProof: await anSvid(by, key, NOW, { names: [PIPELINE], ...wish }), leaf: kidOf(key) };
}
const word = async (shown?: ShownBy, situation: Situation = {}, of = right) => {
  const said = await rightOpens(of, situation, shown);
  return said.allowed ? 'allowed' : said.refusal.code;
};
/** The same grant, where the company now publishes these certificates of its pipeline. */
async function publishing(...all: readonly [KeyObject, Partial<KeyCertificate>][]): Promise<Right> {
  const { who, chain } = right;
  const made = await Promise.all(
    all.map(([key, over]) =>
      who.vendor.holder('workload', 'telemetry-pipeline', ['subject', 'call'], { key: publicJwkOf(key), ...over }),
    ),
  );
  const others = chain.certificates.filter(({ document }) => document.holder.id !== 'telemetry-pipeline');
  return { ...right, chain: { ...chain, certificates: [...others, ...made.map((one) => one.certificate)] } };
}

describe('a machine that shows an X.509-SVID of its own company', () => {
  it('is let in under the grant that names it, and again with every new key: renewal asks nobody', async () => {
    expect([await word(await bySvid()), await word(await bySvid())]).toEqual(['allowed', 'allowed']);
    expect(await word({ ...(await bySvid()), leaf: kidOf(newPrivateKey('P-256')) })).toBe('not_the_holder');
  });

  it('is nobody else, and nobody’s whose issuer is not of the subject’s side', async () => {
    const of = (id_: string) => bySvid({ names: [`spiffe://${VENDOR}/${id_}`] });
    expect(await word(await of('workload/another-pipeline'))).toBe('not_the_holder');
    expect(await word(await of('machine/telemetry-pipeline'))).toBe('not_the_holder');
    expect(await word(await bySvid({}, foreign))).toBe('bad_signature');
    expect(await word(await bySvid({ names: [`spiffe://${BUYER}/workload/telemetry-pipeline`] }, foreign))).toBe(
      'wrong_issuer',
    );
  });

  it('opens nothing once it is over, and is cut with its machine, its key and its issuer', async () => {
    expect(await word(await bySvid({ notBefore: NOW - HOUR, notAfter: NOW }))).toBe('token_expired');
    const shown = await bySvid();
    const revoke = (target: object) => ({ acts: [{ verb: 'revoke', organisation: VENDOR, target } as never] });
    expect(await word(shown, revoke({ kind: 'workload', id: 'telemetry-pipeline' }))).toBe('taken_away');
    expect(await word(shown, revoke({ kind: 'key', id: shown.leaf }))).toBe('taken_away');
    expect(await word(shown, revoke({ kind: 'key', id: kidOf(issuing) }))).toBe('taken_away');
  });
});

describe('a machine that was away until its certificate ended', () => {
  it('comes back with what its company certified since, the old key or a new one, under the very same grant', async () => {
    const [old, fresh] = [newPrivateKey(), newPrivateKey()];
    const ended = { notBefore: NOW - 60 * 24 * HOUR, notAfter: NOW - HOUR };
    const by = (key: KeyObject): ShownBy => ({ loginProof: null, leaf: kidOf(key) });
    expect(await word(by(old), {}, await publishing([old, ended]))).toBe('key_expired');
    expect(await word(by(old), {}, await publishing([old, { ...ended, notAfter: NOW + HOUR }]))).toBe('allowed');
    const enrolledAgain = await publishing([old, ended], [fresh, {}]);
    expect(await word(by(fresh), {}, enrolledAgain)).toBe('allowed');
    expect(await word(by(old), {}, enrolledAgain)).toBe('key_expired');
    // Not what it says of itself: what its company says.
    expect(await word(by(newPrivateKey()), {}, enrolledAgain)).toBe('subject_unknown');
    expect([right.chain.grant.document.subjects, id('telemetry-pipeline')]).toEqual([
      byWorkload.subjects,
      byWorkload.subjects?.[0]?.id,
    ]);
  });
});

describe('a machine that can hold no key', () => {
  it('is nobody by what it says of itself, and is spoken for, and cut, by a certified key in its name beside it', async () => {
    const machine = { organisation: VENDOR, kind: 'machine' as const, id: id('old-press-3') };
    const subjects = [machine];
    const made = await rightUnder(right.who, right.agreement, { grant: { ...byWorkload, subjects } });
    const [beside, own] = [newPrivateKey(), newPrivateKey()];
    const certifying = async (kind: 'machine' | 'workload', name: string): Promise<Right> => {
      const held = await right.who.vendor.holder(kind, name, ['subject', 'call'], { key: publicJwkOf(beside) });
      return { ...made, chain: { ...made.chain, certificates: [...made.chain.certificates, held.certificate] } };
    };
    const by = (key: KeyObject): ShownBy => ({ loginProof: null, leaf: kidOf(key) });
    const spokenFor = await certifying('machine', machine.id);
    // Its name, its place in the network, a key of anybody's: nothing of that is it.
    for (const one of [made, spokenFor]) expect(await word(by(own), {}, one)).toBe('subject_unknown');
    expect(await word(by(beside), {}, await certifying('workload', 'collector'))).toBe('subject_unknown');
    expect(await word(by(beside), {}, spokenFor)).toBe('allowed');
    for (const target of [
      { kind: 'machine', id: machine.id },
      { kind: 'key', id: kidOf(beside) },
    ]) {
      const acts = [{ verb: 'revoke', organisation: VENDOR, target } as never];
      expect(await word(by(beside), { acts }, spokenFor)).toBe('taken_away');
    }
  });
});
