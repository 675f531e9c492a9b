import type { TermOf } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { id, press7, sessionOpens, type TermCase } from '../at-the-gateway.js';

const DAY = 86_400_000;
const agreementId = 'agr_0123456789abcdefghjkmnpqrs' as never;
const evidence = [{ title: 'report', digest: digestOf('report') }];
const control = id('iec-62443-3-3/sr-1.1');
const head = { v: 1 as const, agreementId, issuedAt: NOW - DAY };
const asked: TermOf<'equivalence'> = {
  type: 'equivalence',
  party: VENDOR,
  control,
  kinds: ['remote-service'],
  resources: [press7],
  warnSeconds: 3_600,
};
const attestation = {
  typ: 'attestation' as const,
  ...head,
  organisation: VENDOR,
  control,
  statement: 'security keys for everybody',
  evidence,
  validFrom: NOW - DAY,
  validUntil: NOW + DAY,
};
const acceptance = {
  typ: 'acceptance' as const,
  ...head,
  organisation: BUYER,
  attestation: digestOf(attestation),
  validUntil: NOW + DAY,
};

export const equivalence: TermCase = {
  permits: 'a session that depends on a control which was attested and accepted',
  permitted: () => sessionOpens({ terms: [asked], annexes: [attestation, acceptance] }),
  refuses: 'a session that depends on a control which nobody accepted',
  refused: () => sessionOpens({ terms: [asked], annexes: [attestation] }),
  code: 'equivalence_lapsed',
};
