import type { TermOf } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { press7, sessionOpens, type TermCase } from '../at-the-gateway.js';

const agreementId = 'agr_0123456789abcdefghjkmnpqrs' as never;
const evidence = [{ title: 'order of the court', digest: digestOf('order') }];
const foreseen: TermOf<'insolvency'> = {
  type: 'insolvency',
  party: VENDOR,
  successor: null,
  kinds: ['remote-service'],
  resources: [press7],
  waitSeconds: 3_600,
};
const notice = (ago: number) => ({
  typ: 'insolvency-notice' as const,
  v: 1 as const,
  agreementId,
  organisation: BUYER,
  party: VENDOR,
  reason: 'opened by the court',
  evidence,
  issuedAt: NOW - ago,
});

export const insolvency: TermCase = {
  permits: 'a session of a party whose insolvency was said a moment ago: the wait that both agreed to is not over',
  permitted: () => sessionOpens({ terms: [foreseen], annexes: [notice(0)] }),
  refuses: 'a session of a party that is insolvent',
  refused: () => sessionOpens({ terms: [foreseen], annexes: [notice(3_600_000)] }),
  code: 'party_insolvent',
};
