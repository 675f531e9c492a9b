import { newId } from '@interlock/company-side';
import { OWN_ZONES, zoneOffsets } from '@interlock/company-side/calendar';
import {
  type AgreedResource,
  type Agreement,
  type AgreementId,
  type ApprovalRule,
  activate,
  allow,
  type DataTerm,
  type Decision,
  type EmbargoTerm,
  type EvidenceTerm,
  type GrantKind,
  type Instant,
  type LocalId,
  type OfflineTerm,
  type OrganisationId,
  type Party,
  type ProductKey,
  type RegionTerm,
  type ResourceClass,
  refuse,
  type Term,
} from '@interlock/domain';
import type { WeekHours } from './read-clauses.js';

/** What the two want of each other. Everything that is left out of it takes the narrowest value there is. */
export interface AgreementWish {
  readonly kinds: readonly GrantKind[];
  readonly parties: readonly Party[];
  readonly resources: readonly AgreedResource[];
  readonly approvals: readonly ApprovalRule[];
  /** Who approves machine-to-machine grants, where that is somebody else. */
  readonly machineApprovals?: readonly ApprovalRule[];
  readonly purposes: readonly LocalId[];
  readonly ticketPattern: string | null;
  readonly longestWindowSeconds: number;
  readonly product?: LocalId;
  readonly keys?: readonly ProductKey[];
  readonly recipients?: readonly OrganisationId[];
  readonly regions?: readonly RegionTerm[];
  readonly retentionSeconds?: number;
  readonly inspection?: DataTerm['inspection'];
  readonly labels?: readonly string[];
  readonly scanning?: 'required';
  readonly cosigning?: EvidenceTerm['cosigning'];
  readonly witnessSilenceSeconds?: number;
  readonly offline?: Pick<OfflineTerm, 'mode' | 'leaseSeconds' | 'reviewWithinSeconds'>;
  /** By the clock of this zone; its offsets are those that the zone database of this machine knows. */
  readonly hours?: WeekHours;
  readonly embargo?: readonly EmbargoTerm[];
  readonly noticeSeconds?: number;
  readonly retrievalSeconds?: number;
  /** Further clauses, about the data products that the rest of the wish makes. */
  readonly conditions?: (data: readonly DataTerm[]) => readonly Term[];
  readonly effectiveFrom: Instant;
  readonly endsAt: Instant;
}

export const NARROWEST = {
  longestWindowSeconds: 2 * 3_600,
  retentionSeconds: 30 * 86_400,
  leaseSeconds: 1_800,
  witnessSilenceSeconds: 900,
  /** A data grant stands as long as the agreement; its lease and any cut end it earlier. */
  dataWindowSeconds: 90 * 86_400,
  sessions: 1,
  reLoginSeconds: 2 * 3_600,
  skewSeconds: 5,
  timeLimits: { bookingSeconds: 7 * 86_400, approvalSeconds: 86_400 },
} as const;

/** Makes version 1 of an agreement. Refused with the clause that contradicts another, before anybody signs it. */
export function draftAgreement(wish: AgreementWish): Decision<Agreement> {
  const agreement: Agreement = {
    typ: 'agreement',
    v: 1,
    id: newId('agr') as AgreementId,
    version: 1,
    previous: null,
    house: wish.parties.length === 1,
    parties: wish.parties,
    resources: wish.resources,
    terms: termsOf(wish),
    effectiveFrom: wish.effectiveFrom,
    endsAt: wish.endsAt,
  };
  const sound = activate(agreement, Math.min(Math.max(wish.effectiveFrom, Date.now()), wish.endsAt - 1));
  return sound.allowed ? allow(agreement) : refuse(sound.refusal.code, sound.refusal);
}

function termsOf(wish: AgreementWish): readonly Term[] {
  const access = wish.kinds.flatMap((kind): Term[] => (kind === 'data-collection' ? [] : [accessTerm(wish, kind)]));
  const data = wish.kinds.includes('data-collection') ? dataTerms(wish) : [];
  const offline = wish.offline ?? { mode: 'closed' as const, leaseSeconds: NARROWEST.leaseSeconds };
  const classes = new Set<ResourceClass>(wish.resources.map((resource) => resource.class));
  const region = wish.regions?.[0]?.region;
  return [
    ...access,
    ...data,
    ...(wish.regions ?? []),
    ...wish.kinds.flatMap((kind) =>
      [...classes].flatMap((cls): Term[] =>
        // What safety relies on is ended by no lease: a clause that said one would contradict the class.
        cls === 'safety' && kind !== 'remote-service' ? [] : [{ type: 'offline', kind, class: cls, ...offline }],
      ),
    ),
    ...hoursTerms(wish),
    ...(wish.embargo ?? []),
    // Without a region there is no evidence term: evidence is then cosigned by both, which is the narrowest reading.
    ...(region
      ? [
          {
            type: 'evidence' as const,
            region,
            ...witnessesOf(wish),
            retentionSeconds: retentionOf(wish),
          },
        ]
      : []),
    ...noticeTerms(wish),
    ...(wish.conditions?.(data) ?? []),
  ];
}

const witnessesOf = ({ cosigning = 'both', witnessSilenceSeconds: seconds }: AgreementWish) =>
  cosigning === 'none'
    ? { cosigning }
    : { cosigning, witnessSilenceSeconds: seconds ?? NARROWEST.witnessSilenceSeconds };

function noticeTerms({ noticeSeconds = 0, retrievalSeconds = 0 }: AgreementWish): readonly Term[] {
  if (noticeSeconds === 0 && retrievalSeconds === 0) return [];
  return [{ type: 'notice', terminateSeconds: noticeSeconds, ...(retrievalSeconds > 0 && { retrievalSeconds }) }];
}

const retentionOf = (wish: AgreementWish): number => wish.retentionSeconds ?? NARROWEST.retentionSeconds;

const accessTerm = (wish: AgreementWish, type: 'remote-service' | 'machine-to-machine'): Term => ({
  type,
  approvals: (type === 'machine-to-machine' ? wish.machineApprovals : undefined) ?? wish.approvals,
  // A machine has no ticket system to ask.
  ticketPattern: type === 'machine-to-machine' ? null : wish.ticketPattern,
  longestWindowSeconds: type === 'machine-to-machine' ? NARROWEST.dataWindowSeconds : wish.longestWindowSeconds,
  purposes: wish.purposes,
});

/** One data product per machine of the side that receives nothing: its owner gives, the recipients take. */
function dataTerms(wish: AgreementWish): readonly DataTerm[] {
  const recipients = wish.recipients ?? [];
  const givers = wish.resources.filter((resource) => !recipients.includes(resource.owner));
  return givers.map(({ owner, id }) => ({
    type: 'data-collection',
    product: wish.product ?? (`${id}-telemetry` as LocalId),
    resource: { owner, id },
    approvals: wish.approvals,
    keys: wish.keys ?? [],
    purposes: wish.purposes,
    recipients,
    inspection: wish.inspection ?? 'plant',
    regions: (wish.regions ?? []).map((region) => region.region),
    retentionSeconds: retentionOf(wish),
    longestWindowSeconds: NARROWEST.dataWindowSeconds,
    ...(wish.labels && { labels: wish.labels }),
    ...(wish.scanning && { scanning: wish.scanning }),
  }));
}

/** The same hours for each kind of access; data flows day and night. */
function hoursTerms({ kinds, hours, effectiveFrom, endsAt }: AgreementWish): readonly Term[] {
  if (!hours) return [];
  const { zone, open } = hours;
  const said = { zone, tzdata: OWN_ZONES.version, offsets: zoneOffsets(zone, effectiveFrom, endsAt), open };
  return kinds.flatMap((kind): Term[] => (kind === 'data-collection' ? [] : [{ type: 'hours', kind, ...said }]));
}
