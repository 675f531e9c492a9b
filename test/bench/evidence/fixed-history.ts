import type { AgreementId, EvidenceRecord, LocalId, OrganisationId } from '@interlock/domain';

export const AGREEMENTS = 1_000;
/** Agreements that get records; the others stay idle. */
export const BUSY = 10;
export const MACHINES = 100;
export const BUYER = 'delta-foods.example' as OrganisationId;
export const VENDOR = 'alpine-presses.example' as OrganisationId;
/** Time of the first record, and from each to the next. Milliseconds. */
export const START = Date.UTC(2026, 0, 1);
export const STEP_MS = 50;
/** Later than any of them: the clock of whoever gives them their places. */
export const AFTER_ALL = Date.UTC(2027, 0, 1);
const KINDS = ['session.opened', 'session.closed', 'flow.delivered', 'session.refused'] as const;

/** Same numbers in every run (xorshift32). */
let state = 0x2545f491;
export function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const idOf = (prefix: string, n: number): string =>
  `${prefix}_${n
    .toString(32)
    .padStart(26, '0')
    .replace(/[a-v]/g, (c) => CROCKFORD[Number.parseInt(c, 32)] as string)}`;
export const agreementOf = (n: number): AgreementId => idOf('agr', n) as AgreementId;

let made = 0;
/** How many records there were so far. */
export const countMade = (): number => made;

/** The next record of the fixed history. */
export function nextRecord(): EvidenceRecord {
  made += 1;
  const kind = KINDS[random(KINDS.length)] as (typeof KINDS)[number];
  const delivered = kind === 'flow.delivered';
  const refused = kind === 'session.refused';
  return {
    v: 1,
    id: idOf('evd', made),
    log: agreementOf(random(BUSY)),
    kind,
    outcome: delivered ? 'delivery' : refused ? 'deny' : 'allow',
    at: START + made * STEP_MS,
    source: `${BUYER}/gateway-1`,
    organisation: BUYER,
    subject: { organisation: VENDOR, kind: 'person', id: `technician-${random(200)}` as LocalId },
    resource: { owner: BUYER, id: `press-${random(MACHINES)}` as LocalId },
    agreement: null,
    grant: null,
    session: idOf('ses', random(100_000)),
    clause: refused ? 'window' : null,
    code: refused ? 'outside_window' : null,
    approvers: [],
    region: delivered ? ('eu-west' as LocalId) : null,
    recipients: delivered ? [VENDOR] : [],
    documents: [],
    count: 1,
    correlation: idOf('cor', made),
  };
}
