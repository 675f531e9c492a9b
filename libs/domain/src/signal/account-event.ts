import type { Instant } from '../instant.js';

/** What a company's own provider can say of one of its accounts: the five events of CAEP 1.0, and the two of RISC 1.0 for leavers. */
export const ACCOUNT_EVENTS = [
  'session-revoked',
  'credential-change',
  'device-compliance-change',
  'assurance-level-change',
  'risk-level-change',
  'account-disabled',
  'account-enabled',
] as const;
export type AccountEventType = (typeof ACCOUNT_EVENTS)[number];

/** What keeps an account from being used until its provider takes it back. */
export type AccountFact = 'account' | 'device' | 'risk';

export interface Consequence {
  /** Whether everything that the person has open ends, and must be begun anew with a login. */
  readonly endsSessions: boolean;
  /** What is known from now on; left out where the event changes nothing that lasts. */
  readonly fact?: { readonly name: AccountFact; readonly sound: boolean };
}

const NOTHING: Consequence = { endsSessions: false };
const AGAIN: Consequence = { endsSessions: true };
const known = (name: AccountFact, sound: boolean): Consequence => ({ endsSessions: !sound, fact: { name, sound } });

type Says = Readonly<Record<string, unknown>>;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const CONSEQUENCES: Readonly<Record<AccountEventType, (says: Says) => Consequence | undefined>> = {
  'session-revoked': () => AGAIN,
  'credential-change': ({ credential_type, change_type }) => {
    if (!isText(credential_type)) return undefined;
    if (change_type === 'create' || change_type === 'update') return NOTHING;
    return change_type === 'revoke' || change_type === 'delete' ? AGAIN : undefined;
  },
  'device-compliance-change': ({ current_status }) => {
    if (current_status !== 'compliant' && current_status !== 'not-compliant') return undefined;
    return known('device', current_status === 'compliant');
  },
  'assurance-level-change': ({ namespace, current_level, change_direction }) => {
    if (!isText(namespace) || !isText(current_level)) return undefined;
    // The levels are the provider's own words: only one that says it rose is not a fall.
    return change_direction === 'increase' ? NOTHING : AGAIN;
  },
  'risk-level-change': ({ principal, current_level }) => {
    const isLevel = current_level === 'LOW' || current_level === 'MEDIUM' || current_level === 'HIGH';
    return isText(principal) && isLevel ? known('risk', current_level !== 'HIGH') : undefined;
  },
  'account-disabled': () => known('account', false),
  'account-enabled': () => known('account', true),
};

/** What an event does; undefined where a member that its type requires is missing or means nothing (CAEP 1.0 section 3, RISC 1.0 section 2). */
export const consequenceOf = (type: AccountEventType, says: Says): Consequence | undefined => CONSEQUENCES[type](says);

/** What was said of one fact, and when it was so. */
export interface SaidOfAccount {
  readonly sound: boolean;
  readonly at: Instant;
}

/** Events overtake each other on their way: the later one counts, and of two of one instant the one that says no. */
export const saidLater = (one: SaidOfAccount, other: SaidOfAccount | undefined): boolean =>
  !other || one.at > other.at || (one.at === other.at && !one.sound);
