import { ownPin } from '@interlock/company-side';
import type {
  AgreedResource,
  ApprovalRule,
  DataTerm,
  EmbargoTerm,
  EvidenceTerm,
  GrantKind,
  LocalId,
  OfflineMode,
  OrganisationId,
  Party,
  PartyRole,
  ProductKey,
  ResourceClass,
} from '@interlock/domain';
import { InvalidArgumentError } from 'commander';
import { ask, someoneIsThere } from '../ask-person.js';
import { localId, localIds, organisation, span } from '../read-arguments.js';
import { type ConditionFlags, conditionTerms } from './condition-options.js';
import { type AgreementWish, NARROWEST } from './draft-agreement.js';
import {
  agreedResource,
  approvalRule,
  type NamedRegion,
  type NamedSecret,
  productKey,
  regionKeys,
  regionTerm,
  ticketPattern,
  type WeekHours,
} from './read-clauses.js';

/** What the person gave as options; the rest is asked for, or takes the narrowest value. */
export interface NewFlags extends ConditionFlags {
  readonly profile: readonly GrantKind[];
  readonly house?: boolean;
  readonly partner?: OrganisationId;
  readonly role?: SideRole;
  readonly resource?: readonly Omit<AgreedResource, 'class'>[];
  readonly class: ResourceClass;
  readonly approvers?: readonly ApprovalRule[];
  readonly machineApprovers?: readonly ApprovalRule[];
  readonly purposes?: readonly LocalId[];
  readonly ticketPattern?: string | null;
  readonly longestWindow?: number;
  readonly product?: LocalId;
  readonly key?: readonly ProductKey[];
  readonly tradeSecret?: readonly NamedSecret[];
  readonly recipient?: readonly OrganisationId[];
  readonly region?: readonly NamedRegion[];
  readonly regionOperator: string;
  readonly regionCountry?: string;
  readonly retention?: number;
  readonly inspection: DataTerm['inspection'];
  readonly label?: readonly string[];
  readonly scanning?: true;
  readonly cosigning: EvidenceTerm['cosigning'];
  readonly witnessSilence?: number;
  readonly offline: OfflineMode;
  readonly lease: number;
  readonly reviewWithin?: number;
  readonly hours?: WeekHours;
  readonly embargo?: readonly EmbargoTerm[];
  readonly notice?: number;
  readonly retrieval?: number;
  readonly for?: number;
}

/** `remote-service`, `data`, `machine-to-machine`, `both`, or several separated by commas. */
export function profile(text: string): readonly GrantKind[] {
  const kinds = text.split(',').flatMap((word): GrantKind[] => {
    if (word === 'remote-service' || word === 'machine-to-machine') return [word];
    if (word === 'data') return ['data-collection'];
    if (word === 'both') return ['remote-service', 'data-collection'];
    throw new InvalidArgumentError(`"${word}" is not remote-service, data, machine-to-machine or both`);
  });
  return [...new Set(kinds)];
}

const OPPOSITE = { vendor: 'buyer', buyer: 'vendor' } as const;

/** Where the other party's newest entity document is learned. */
export type FindParty = (organisation: OrganisationId, role: PartyRole) => Promise<Party>;

/** Completes the flags by asking, at most ten questions, and turns them into a wish. `dir` is the folder of the company that drafts. */
export async function gatherWish(
  dir: string,
  flags: NewFlags,
  findParty: FindParty,
  now: number,
): Promise<AgreementWish> {
  const { organisation: own } = ownPin(dir);
  const kinds = flags.profile;
  const { partner, role, resources, approvals, purposes } = await whoAndWhat(own, flags);
  const access = kinds.includes('remote-service') ? await accessRules(flags) : NO_ACCESS;
  const data = kinds.includes('data-collection') ? await dataRules(flags, role === 'vendor' ? own : partner) : {};
  const regions = flags.region ?? (kinds.includes('data-collection') ? await regionsAsked() : []);
  const agreed = resources.map((one) => ({ ...one, class: flags.class }));
  const forSeconds = flags.for ?? (await orNarrowest('10. For how long', 90 * 86_400, span));
  return {
    kinds,
    parties: [await findParty(own, role), ...(flags.house ? [] : [await findParty(partner, OPPOSITE[role])])],
    resources: agreed,
    approvals,
    ...(flags.machineApprovers && { machineApprovals: flags.machineApprovers }),
    purposes,
    ...access,
    ...data,
    ...regionsOf(regions, flags),
    cosigning: flags.cosigning,
    ...(flags.witnessSilence && { witnessSilenceSeconds: flags.witnessSilence }),
    offline: {
      ...{ mode: flags.offline, leaseSeconds: flags.lease },
      ...(flags.reviewWithin && { reviewWithinSeconds: flags.reviewWithin }),
    },
    ...(flags.hours && { hours: flags.hours }),
    ...(flags.embargo && { embargo: flags.embargo }),
    ...(flags.notice && { noticeSeconds: flags.notice }),
    ...(flags.retrieval && { retrievalSeconds: flags.retrieval }),
    conditions: (about) => conditionTerms(flags, { kinds, resources: agreed, data: about, ...access }),
    effectiveFrom: now,
    endsAt: now + forSeconds * 1000,
  };
}

async function whoAndWhat(own: OrganisationId, given: NewFlags) {
  if (given.house && (given.partner || given.role))
    throw new InvalidArgumentError('a house agreement has no partner and no sides; leave out --partner and --role');
  const flags = given.house ? { ...given, partner: own, role: 'buyer' as const } : given;
  const partner = flags.partner ?? organisation(await ask('1. Organisation id of the partner', '--partner'));
  const role = flags.role ?? partyRole(await ask('2. Your own role (vendor or buyer)', '--role'));
  const resources =
    flags.resource ?? (await several('3. Resources, each owner/id=service,service', '--resource', agreedResource));
  const approvals =
    flags.approvers ?? (await several('4. Who approves, each group:persons', '--approvers', approvalRule));
  const purposes = flags.purposes ?? localIds(await ask('5. Purposes, separated by commas', '--purposes'));
  return { partner, role, resources, approvals, purposes };
}

const NO_ACCESS = { ticketPattern: null, longestWindowSeconds: NARROWEST.longestWindowSeconds };

async function accessRules(flags: NewFlags): Promise<Pick<AgreementWish, 'ticketPattern' | 'longestWindowSeconds'>> {
  const pattern = flags.ticketPattern;
  return {
    ticketPattern:
      pattern === undefined
        ? await orNarrowest('6. Pattern of a ticket ("none" for no ticket)', null, ticketPattern)
        : pattern,
    longestWindowSeconds:
      flags.longestWindow ?? (await orNarrowest('7. Longest window', NARROWEST.longestWindowSeconds, span)),
  };
}

async function dataRules(flags: NewFlags, receiver: OrganisationId) {
  const keys = flags.key ?? (someoneIsThere() ? await keysAsked() : []);
  return {
    ...(flags.product && { product: localId(flags.product) }),
    keys: marked(keys, flags.tradeSecret ?? []),
    recipients: flags.recipient ?? [receiver],
    ...(flags.retention && { retentionSeconds: flags.retention }),
    inspection: flags.inspection,
    ...(flags.label && { labels: flags.label }),
    ...(flags.scanning && { scanning: 'required' as const }),
  };
}

/** A mark on a key that does not leave would promise what nobody sees. */
function marked(keys: readonly ProductKey[], marks: readonly NamedSecret[]): readonly ProductKey[] {
  const lost = marks.find(({ key }) => !keys.some((one) => one.key === key));
  if (lost) throw new InvalidArgumentError(`--trade-secret marks ${lost.key}, which no --key names`);
  return keys.map((one) => ({ ...one, ...marks.find(({ key }) => key === one.key) }));
}

const keysAsked = (): Promise<readonly ProductKey[]> =>
  several('8. Keys that may leave, each key:unit:category:action (empty: none)', '--key', productKey);

const regionsAsked = () => several('9. Regions, each region=thumbprint@country', '--region', regionKeys);

function regionsOf(regions: NonNullable<NewFlags['region']>, flags: NewFlags): Pick<AgreementWish, 'regions'> {
  if (regions.length === 0) return {};
  return {
    regions: regions.map((one) => {
      const country = one.country ?? flags.regionCountry;
      if (country === undefined)
        throw new InvalidArgumentError(`a region lies in a country; give ${one.region}=...@DE, or --region-country`);
      return regionTerm(one, flags.regionOperator, country);
    }),
  };
}

async function several<T>(question: string, option: string, read: (text: string) => T): Promise<readonly T[]> {
  const words = (await ask(`${question}, separated by spaces`, option)).split(/\s+/).filter((word) => word !== '');
  return words.map(read);
}

/** Asked only where somebody sits there; an empty answer, or nobody, means the narrowest. */
async function orNarrowest<T>(question: string, narrowest: T, read: (text: string) => T): Promise<T> {
  if (!someoneIsThere()) return narrowest;
  const answer = await ask(`${question} (empty for the narrowest)`, '');
  return answer === '' ? narrowest : read(answer);
}

/** An agreement is drafted between its two sides; whoever one of them brings in is added to that draft. */
export type SideRole = Exclude<PartyRole, 'third-party'>;

export function partyRole(text: string): SideRole {
  if (text === 'vendor' || text === 'buyer') return text;
  throw new InvalidArgumentError(
    `"${text}" is not vendor or buyer; a third party is brought into a draft with "interlock agreement bring-in"`,
  );
}
