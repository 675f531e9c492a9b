import type { AgreementId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { SentNonces } from './sent-nonces.js';

const [one, other] = ['agr_1', 'agr_2'] as AgreementId[] as [AgreementId, AgreementId];
const counting = () => {
  let count = 0;
  return new SentNonces(() => `n${++count}`);
};

describe('the nonces of a boot', () => {
  it('remember when each was sent, per agreement', () => {
    const nonces = counting();
    expect([nonces.next(one, 10), nonces.next(one, 20), nonces.next(other, 30)]).toEqual(['n1', 'n2', 'n3']);
    expect([nonces.sentAt(one, 'n1'), nonces.sentAt(one, 'n2'), nonces.latest(one)]).toEqual([10, 20, 'n2']);
    expect([nonces.sentAt(one, 'n3'), nonces.sentAt(one, null), nonces.sentAt(one, 'n0')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('forget the oldest, so that answers cannot be hoarded', () => {
    const nonces = counting();
    for (let at = 1; at <= 17; at++) nonces.next(one, at);
    expect([nonces.sentAt(one, 'n1'), nonces.sentAt(one, 'n2')]).toEqual([undefined, 2]);
  });
});
