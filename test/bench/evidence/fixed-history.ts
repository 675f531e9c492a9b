import type { AgreementId, EvidenceRecord, LocalId, OrganisationId } from '@interlock/domain';

export const AGREEMENTS = 1_000;
/** Agreements that get records; the others stay idle. */
export const BUSY = 10;
export const MACHINES = 100;
export const BUYER = 'delta-foods.example' as OrganisationId;
export const VENDOR = 'alpine-presses.example' as OrganisationId;
/** Time of the first record, and from each to the next: ten million of them fill a year. Milliseconds. */
export const START = Date.UTC(2026, 0, 1);
export const STEP_MS = 3_000;
/** Whoever runs it again gets the same records, salts and so the same roots. */
export const SEED = 0x2545f491;
/** Later than any of them: the clock of whoever gives them their places. */
export const AFTER_ALL = Date.UTC(2027, 0, 1);

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const idOf = (prefix: string, n: number): string =>
  `${prefix}_${n
    .toString(32)
    .padStart(26, '0')
    .replace(/[a-v]/g, (c) => CROCKFORD[Number.parseInt(c, 32)] as string)}`;
export const agreementOf = (n: number): AgreementId => idOf('agr', n) as AgreementId;

/** The `draw`th number that belongs to record `n`, below `below`: a mixed counter, so that any part of the history can be made alone. */
export function pick(n: number, draw: number, below: number): number {
  let x = Math.imul(n ^ SEED, 0x9e3779b1) + Math.imul(draw + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return ((x ^ (x >>> 15)) >>> 0) % below;
}

/** Salts of 128 bits for what record `n` withholds. */
export function saltsOf(n: number): () => string {
  let made = 0;
  return () => {
    const bytes = Buffer.allocUnsafe(16);
    for (let at = 0; at < 16; at += 4) bytes.writeUInt32LE(pick(n, 100 + 16 * made + at, 2 ** 32), at);
    made += 1;
    return bytes.toString('base64url');
  };
}

interface Happened {
  readonly kind: EvidenceRecord['kind'];
  readonly outcome: EvidenceRecord['outcome'];
  /** Whose records carry a place of their own, or a service of the broker. */
  readonly byGateway: boolean;
}
const BY_SERVICES = [
  { kind: 'session.admitted', outcome: 'allow', byGateway: false },
  { kind: 'session.refused', outcome: 'deny', byGateway: false },
] as const satisfies readonly Happened[];
const HAPPENED: readonly Happened[] = [
  ...BY_SERVICES,
  { kind: 'session.opened', outcome: 'allow', byGateway: true },
  { kind: 'session.closed', outcome: 'change', byGateway: true },
  { kind: 'flow.delivered', outcome: 'delivery', byGateway: true },
];

/** Whose history it is. */
export interface Sides {
  readonly log: AgreementId;
  readonly buyer: OrganisationId;
  readonly vendor: OrganisationId;
}

/** Record `n` of the fixed history, before anything of it is withheld and without the place that a gateway gives it. */
export function recordOf(n: number, sides: Sides, happened: readonly Happened[] = HAPPENED): EvidenceRecord {
  const { kind, outcome, byGateway } = happened[pick(n, 0, happened.length)] as Happened;
  const { log, buyer, vendor } = sides;
  const [delivered, refused] = [kind === 'flow.delivered', outcome === 'deny'];
  return {
    v: 1,
    id: idOf('evd', n + 1),
    log,
    kind,
    outcome,
    at: START + n * STEP_MS,
    source: byGateway ? `${buyer}/gateway-1` : 'broker/grants',
    organisation: buyer,
    subject: delivered
      ? null
      : { organisation: vendor, kind: 'person', id: `technician-${pick(n, 1, 200)}` as LocalId },
    resource: { owner: buyer, id: `press-${pick(n, 2, MACHINES)}` as LocalId },
    agreement: null,
    grant: null,
    session: idOf('ses', pick(n, 3, 100_000)),
    clause: refused ? 'window' : null,
    code: refused ? 'outside_window' : null,
    approvers: outcome === 'allow' ? [`shift-lead-${pick(n, 4, 20)}` as LocalId] : [],
    region: delivered ? ('eu-west' as LocalId) : null,
    recipients: delivered ? [vendor] : [],
    documents: [],
    count: 1,
    correlation: idOf('cor', n),
    ...(outcome === 'allow' && { ticket: `WO-${pick(n, 5, 50_000)}`, purpose: 'maintenance' as LocalId }),
    ...(delivered && { purpose: 'condition-monitoring' as LocalId, categories: ['vibration' as LocalId] }),
    ...(refused && { reason: 'the line is not released for remote work' }),
  };
}

/** The agreement of record `n`: they take turns, so that a part of the history knows the places of its records. */
export const busyOf = (n: number): number => n % BUSY;

let made = 0;
/** So many records are there already. */
export function goOnFrom(n: number): void {
  made = n;
}
/** How many records there were so far. */
export const countMade = (): number => made;
/** The next record as a service writes it. */
export function nextRecord(): EvidenceRecord {
  const n = made;
  made += 1;
  return recordOf(n, { log: agreementOf(busyOf(n)), buyer: BUYER, vendor: VENDOR }, BY_SERVICES);
}
