import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, chainOf, held, id, key, NOW, press7, session, VENDOR } from '../../test/a-right.js';
import type { HeldAct } from '../act/standing.js';
import { decide } from '../decide.js';
import type { Act } from '../documents/right.js';
import {
  INVALID,
  type IssuedLogin,
  invalidIn,
  listedName,
  packStatuses,
  SUSPENDED,
  statusAt,
  statusOfLogin,
  type TokenStatuses,
  VALID,
} from './token-status.js';

const uri = 'https://agent.alpine-presses.example/status-lists/one';
const listing = (values: Record<number, number>, over: Partial<TokenStatuses> = {}): TokenStatuses => ({
  ...{ uri, bits: 2, bytes: packStatuses(new Map(Object.entries(values).map(([at, is]) => [Number(at), is])), 16, 2) },
  ...over,
});

describe('the status of a login', () => {
  const chain = { ...chainOf(), listed: { idx: 5, uri } } as ReturnType<typeof chainOf>;
  const ask = {
    ...{ subject: { organisation: VENDOR, kind: 'person' as const, id: id('technician') }, leaf: key('leaf') },
    ...{ action: id('ssh'), resource: press7, session },
  };
  const judge = (statuses: Map<typeof VENDOR, TokenStatuses> | undefined, invalid = new Set<string>()) =>
    decide(chain, ask, { acts: [], verdicts: [], annexes: [], invalid, ...(statuses && { statuses }) }, NOW);
  const said = (values: Record<number, number>, over: Partial<TokenStatuses> = {}) =>
    judge(new Map([[VENDOR, listing(values, over)]]));
  const no = (how: string) => ({ allowed: false, refusal: { code: 'status_invalid', clause: `login ${how}` } });

  it('is asked of the list that its proof names, where it must be VALID', () => {
    expect(said({})).toMatchObject({ allowed: true });
    expect(said({ 4: INVALID, 6: SUSPENDED })).toMatchObject({ allowed: true });
    for (const status of [INVALID, SUSPENDED, 3]) expect(said({ 5: status })).toEqual(no('invalid'));
  });

  it('is no where the list is not held, is another one, is another company’s, or is too short', () => {
    expect(judge(undefined)).toEqual(no('unknown'));
    expect(judge(new Map())).toEqual(no('unknown'));
    expect(said({}, { uri: `${uri}-other` })).toEqual(no('unknown'));
    expect(judge(new Map([[BUYER, listing({})]]))).toEqual(no('unknown'));
    expect(said({}, { bytes: new Uint8Array(1) })).toEqual(no('unknown'));
  });

  it('never becomes VALID again for a receiver that once heard INVALID', () => {
    const heard = new Set(invalidIn(listing({ 5: INVALID, 7: SUSPENDED })).map((idx) => listedName(VENDOR, idx)));
    expect([...heard]).toEqual([listedName(VENDOR, 5)]);
    expect(judge(new Map([[VENDOR, listing({})]]), heard)).toEqual(no('invalid'));
  });

  it.each([1, 2, 4, 8] as const)(
    'is packed and read with %s bits an entry, and nothing is read beyond the end',
    (bits) => {
      const most = 2 ** bits - 1;
      const bytes = packStatuses(
        new Map([
          [0, most],
          [9, 1],
        ]),
        16,
        bits,
      );
      expect([0, 1, 9, 10].map((idx) => statusAt({ bits, bytes }, idx))).toEqual([most, 0, 1, 0]);
      for (const idx of [16, -1, 0.5, Number.NaN]) expect(statusAt({ bits, bytes }, idx)).toBeUndefined();
      expect(() => packStatuses(new Map([[0, most + 1]]), 16, bits)).toThrow(RangeError);
      expect(() => packStatuses(new Map([[16, 1]]), 16, bits)).toThrow(RangeError);
    },
  );
});

describe('the entry that an agent gives a login', () => {
  const login: IssuedLogin = { idx: 0, person: id('technician'), jkt: key('leaf'), rights: ['grt_1', 'grt_2'] };
  const status = (...acts: readonly HeldAct[]) => statusOfLogin(login, VENDOR, agreementOf(), acts);
  const revoked = (target: object, over: Partial<Act> = {}) =>
    held({ verb: 'revoke', organisation: VENDOR, target: target as never, ...over });

  it('is INVALID once its person, its key, or a right it hangs on is taken away', () => {
    expect(status()).toBe(VALID);
    for (const target of [
      { kind: 'person', id: 'technician' },
      { kind: 'key', id: login.jkt },
      { kind: 'grant', id: 'grt_1' },
      { kind: 'grant', id: 'grt_2' },
      { kind: 'agreement', id: agreementOf().id },
    ])
      expect(status(revoked(target))).toBe(INVALID);
  });

  it('follows the owner’s word on rights, and nobody else’s on the own people and keys', () => {
    const byOwner = { organisation: BUYER };
    expect(status(revoked({ kind: 'grant', id: 'grt_1' }, byOwner))).toBe(INVALID);
    expect(status(revoked({ kind: 'person', id: 'technician' }, byOwner))).toBe(VALID);
    expect(status(revoked({ kind: 'key', id: login.jkt }, byOwner))).toBe(VALID);
    expect(status(revoked({ kind: 'person', id: 'colleague' }))).toBe(VALID);
    expect(status(revoked({ kind: 'grant', id: 'grt_1' }, { agreementId: 'agr_other' as never }))).toBe(VALID);
  });

  it('is SUSPENDED as long as the agreement is, and VALID again when both lifted that', () => {
    const target = { kind: 'agreement', id: agreementOf().id } as never;
    const suspended = held({ verb: 'suspend', organisation: BUYER, target });
    const lifted = {
      ...held({ verb: 'resume', organisation: BUYER, target, lifts: suspended.digest }),
      signers: [VENDOR, BUYER],
    };
    expect(status(suspended)).toBe(SUSPENDED);
    expect(status(suspended, lifted)).toBe(VALID);
    expect(status(suspended, { ...lifted, signers: [BUYER] })).toBe(SUSPENDED);
    expect(status(suspended, lifted, revoked({ kind: 'grant', id: 'grt_1' }))).toBe(INVALID);
  });
});
