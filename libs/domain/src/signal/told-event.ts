import type { Act } from '../documents/right.js';
import type { Instant } from '../instant.js';
import type { AgreementId, LocalId, OrganisationId } from '../names.js';
import type { IssuedLogin } from '../status/token-status.js';
import type { AccountEventType } from './account-event.js';

/** The five events of CAEP 1.0 that a company tells others of its own subjects. */
export const CAEP_EVENTS = [
  'session-revoked',
  'credential-change',
  'device-compliance-change',
  'assurance-level-change',
  'risk-level-change',
] as const;
export type CaepEventType = (typeof CAEP_EVENTS)[number];

/** Whom or what an event is about; always of the company that tells it. */
export interface ToldSubject {
  readonly kind: 'person' | 'machine' | 'workload' | 'gateway' | 'session' | 'key';
  readonly id: string;
}

export interface ToldEvent {
  readonly type: CaepEventType;
  readonly subject: ToldSubject;
  /** The members that the type requires (CAEP 1.0 section 3), and nothing of what anybody wrote. */
  readonly says: Readonly<Record<string, string>>;
  readonly by: 'admin' | 'policy';
  readonly at: Instant;
  /** Under which agreement it happened; null for what is so under all of them. */
  readonly agreementId: AgreementId | null;
}

/** What is known of the own company's logins and keys, to say whom an act ends. */
export interface OwnSubjects {
  readonly organisation: OrganisationId;
  logins(agreement: AgreementId): readonly IssuedLogin[];
  /** Who holds a certified key; undefined for a key that was made for one login. */
  holderOf(thumbprint: string): { readonly kind: string; readonly id: LocalId } | undefined;
}

const PERSISTENT = ['person', 'machine', 'workload', 'gateway'] as const;
const asSubject = (kind: string, id: string): ToldSubject | undefined => {
  const known = PERSISTENT.find((one) => one === kind);
  return known && { kind: known, id };
};

/** What an act of the own company means for its own subjects, as others understand it; nothing for acts that end nobody's use. */
export function toldByAct(act: Act, own: OwnSubjects): readonly ToldEvent[] {
  const { verb, target, organisation, agreementId, issuedAt: at } = act;
  if (organisation !== own.organisation || (verb !== 'revoke' && verb !== 'suspend')) return [];
  const about = (subject: ToldSubject, type: CaepEventType = 'session-revoked', says = {}): ToldEvent => ({
    ...{ type, subject, says, by: 'admin', at, agreementId },
  });
  const loggedIn = (of: (login: IssuedLogin) => boolean): readonly ToldEvent[] => {
    const ids = new Set(
      own
        .logins(agreementId)
        .filter(of)
        .map(({ person }) => person),
    );
    return [...ids].map((id) => about({ kind: 'person', id }));
  };
  switch (target.kind) {
    case 'agreement':
      return loggedIn(() => true);
    case 'grant':
      return loggedIn(({ rights }) => rights.includes(target.id));
    case 'session':
      return [about({ kind: 'session', id: target.id })];
    case 'person':
    case 'machine':
    case 'workload':
      return [about({ kind: target.kind, id: target.id })];
    case 'key': {
      const holder = own.holderOf(target.id);
      const subject = holder && asSubject(holder.kind, holder.id);
      if (!subject) return loggedIn(({ jkt }) => jkt === target.id);
      return [about(subject, 'credential-change', { credential_type: 'x509', change_type: 'revoke' })];
    }
    default:
      return [];
  }
}

/** What may be said on of an event of the own provider: the members its type requires, where they mean something. */
const MEMBERS: Readonly<Partial<Record<AccountEventType, readonly string[]>>> = {
  'credential-change': ['credential_type', 'change_type'],
  'device-compliance-change': ['previous_status', 'current_status'],
  'assurance-level-change': ['namespace', 'current_level', 'previous_level', 'change_direction'],
  'risk-level-change': ['principal', 'current_level', 'previous_level'],
};

/**
 * What is told on of what the own provider said of an account; undefined for what acts tell already. Texts for administrators, addresses and
 * whatever else a provider adds stay inside the company.
 */
export function saidOnward(
  type: AccountEventType,
  says: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> | undefined {
  const members = MEMBERS[type];
  if (!members) return undefined;
  const said: Record<string, string> = {};
  for (const name of members) {
    const value = says[name];
    if (typeof value === 'string' && value.length <= 200) said[name] = value;
  }
  // CAEP requires both; a provider that left one out said the change all the same.
  if (type === 'device-compliance-change')
    said.previous_status ??= said.current_status === 'compliant' ? 'not-compliant' : 'compliant';
  return said;
}
