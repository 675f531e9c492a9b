import { deflateSync } from 'node:zlib';
import { packStatuses, type StatusList, statusAt } from '@interlock/domain';
import { aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compactVerify, importJWK } from 'jose';
import { signed } from './envelope.js';
import type { KeyRing } from './key-ring.js';
import { verifyStatusList } from './standing.js';
import {
  packList,
  type StatusListClaims,
  signStatusListToken,
  unpackList,
  verifyStatusListToken,
} from './status-list-token.js';
import { signedJwt } from './token.js';
import { trust } from './trust.js';

const URI = 'https://agent.alpine-presses.example/status-lists/one';
let right: Right;
let ring: KeyRing;
beforeAll(async () => {
  right = await aRight();
  const made = await trust(right.chain.entities, right.chain.certificates, right.who.pins, NOW);
  if (!made.allowed) throw new Error(made.refusal.code);
  ring = made.value;
});

/** The draft's own vectors: section 4.2 and Appendix C of draft-ietf-oauth-status-list-20, of 2^20 entries each. */
const ONE_BIT =
  'eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb';
const TWO_BITS =
  'eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw';
const AT = [0, 1993, 25_460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345];
const VECTORS = [
  { bits: 1, values: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], lst: ONE_BIT },
  { bits: 2, values: [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3], lst: TWO_BITS },
] as const;

describe('a status list', () => {
  it.each(VECTORS)(
    'is read and packed as in the draft’s vector of $bits bit(s): the same bytes for the same statuses',
    (vector) => {
      const { bits, values, lst } = vector;
      const wanted = new Map(AT.map((idx, at) => [idx, values[at] ?? 0] as const));
      const bytes = unpackList(lst) ?? new Uint8Array();
      const packed = packStatuses(wanted, 2 ** 20, bits);
      expect(Buffer.compare(packed, bytes)).toBe(0);
      // Which of the many DEFLATE streams of these bytes comes out is the compressor's own choice.
      expect(Buffer.compare(unpackList(packList(packed)) ?? Buffer.alloc(0), packed)).toBe(0);
      expect(bytes.length).toBe((2 ** 20 * bits) / 8);
      expect(AT.map((idx) => statusAt({ bits, bytes }, idx))).toEqual(values);
      expect(statusAt({ bits, bytes }, 1)).toBe(0);
      expect(statusAt({ bits, bytes }, 2 ** 20)).toBeUndefined();
    },
  );

  it('reads the short examples of section 4 from the least significant bit', () => {
    const values = (bits: 1 | 2, lst: string) => {
      const bytes = unpackList(lst) ?? new Uint8Array();
      return Array.from({ length: (bytes.length * 8) / bits }, (_, idx) => statusAt({ bits, bytes }, idx));
    };
    expect(values(1, 'eNrbuRgAAhcBXQ')).toEqual([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    expect(values(2, 'eNo76fITAAPfAgc')).toEqual([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
  });

  it.each<[string, string]>([
    ['no base64url', 'eNrbuRgAAhcBXQ=='],
    ['another spelling of its last letter', 'eNrbuRgAAhcBXR'],
    ['no ZLIB', Buffer.from('not a list').toString('base64url')],
    ['cut short', 'eNrbuRgAAhc'],
    [
      'with something behind it',
      `${Buffer.concat([deflateSync(Buffer.alloc(4)), Buffer.from('x')]).toString('base64url')}`,
    ],
    ['that would unpack to more than a receiver holds', packList(new Uint8Array(1_048_577))],
  ])('is none where it is %s', (_what, lst) => expect(unpackList(lst)).toBeUndefined());

  it('of this project is taken with the beat only where its logins can be unpacked', async () => {
    const list = (lst: string): StatusList => ({
      ...{ typ: 'status-list', v: 1, organisation: VENDOR, agreementId: right.agreement.id, sequence: 1 },
      ...{ invalid: [], logins: { sub: URI, bits: 2, lst }, issuedAt: NOW, expiresAt: NOW + 60_000 },
    });
    const { signer } = right.who.vendorAgent;
    const verify = async (lst: string) => verifyStatusList(await signed(list(lst), signer, NOW), ring, VENDOR, NOW);
    const bytes = packStatuses(new Map([[7, 2]]), 16, 2);
    expect(await verify(packList(bytes))).toMatchObject({ value: { logins: { uri: URI, bits: 2 } } });
    expect(await verify('AAAA')).toMatchObject({ refusal: { code: 'malformed', clause: 'status-list' } });
  });
});

describe('a Status List Token', () => {
  const claims = (): StatusListClaims => ({
    ...{ iss: VENDOR, sub: URI, iat: NOW / 1000, exp: NOW / 1000 + 60, ttl: 30 },
    status_list: { bits: 2, lst: packList(packStatuses(new Map([[3, 1]]), 64, 2)) },
  });
  const made = (over: Partial<StatusListClaims> = {}, signer = right.who.vendorAgent.signer) =>
    signStatusListToken({ ...claims(), ...over }, signer);
  const verify = (token: string, uri = URI, now = NOW) => verifyStatusListToken(token, VENDOR, uri, ring, now);
  const no = (code: string) => ({ allowed: false, refusal: { code, clause: 'status-list' } });

  it('says the status of an entry, and an independent library reads it by the standard', async () => {
    const token = await made();
    const verified = await verify(token);
    expect(verified.allowed && [2, 3].map((idx) => statusAt(verified.value, idx))).toEqual([0, 1]);
    const { protectedHeader, payload } = await compactVerify(
      token,
      await importJWK({ ...right.who.vendorAgent.signer.key }, 'EdDSA'),
    );
    expect(protectedHeader).toMatchObject({ typ: 'statuslist+jwt', alg: 'EdDSA' });
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual(claims());
  });

  it('counts for the address it names, as long as it says, of the company’s own key for it', async () => {
    expect(await verify(await made(), `${URI}-other`)).toEqual(no('wrong_issuer'));
    expect(await verify(await made({ iss: BUYER }))).toEqual(no('wrong_issuer'));
    expect(await verify(await made(), URI, NOW + 60_000)).toEqual(no('token_expired'));
    expect(await verify(await made(), URI, NOW + 59_999)).toMatchObject({ allowed: true });
    expect(await verify(await made({}, right.who.technician.signer))).toEqual(no('wrong_purpose'));
    expect(await verify(await made({}, right.who.buyerAgent.signer))).toEqual(no('unknown_key'));
    // The header says the vendor, the claims say somebody else.
    const { signer } = right.who.vendorAgent;
    const twoNames = await signedJwt('statuslist+jwt', { ...claims(), iss: BUYER }, VENDOR, NOW / 1000, signer);
    expect(await verify(twoNames)).toEqual(no('wrong_issuer'));
    const [head, , signature] = (await made()).split('.');
    const [, other] = (await made({ status_list: { bits: 2, lst: packList(new Uint8Array(16)) } })).split('.');
    expect(await verify(`${head}.${other}.${signature}`)).toEqual(no('bad_signature'));
  });

  it('is none where its list cannot be unpacked, or where it is another kind of token', async () => {
    expect(await verify(await made({ status_list: { bits: 2, lst: 'AAAA' } }))).toEqual(no('malformed'));
    expect(await verify(await made({ status_list: { bits: 3 as never, lst: 'AAAA' } }))).toEqual(no('malformed'));
    expect(await verify(right.loginProof)).toEqual(no('wrong_type'));
  });
});
