/** Where an agreement stands at the broker. The signed documents are the truth; this is their shadow for queries. */
export type AgreementStatus =
  | 'draft'
  | 'proposed'
  | 'countersigned'
  | 'active'
  | 'suspended'
  | 'terminating'
  | 'ended'
  | 'refused';

/** Where a version stands that its parties know of: a draft is known to who wrote it alone. */
export type VersionStatus = Exclude<AgreementStatus, 'draft'>;

/**
 * `draft` is one company's own wish: it is written over until it is proposed, and holds no number that another one might want.
 * `countersigned` is signed by all and waits for its first day. `ended` and `refused` have no way out: a renewed partnership is a new agreement.
 */
export const AGREEMENT_TRANSITIONS: Readonly<Record<AgreementStatus, readonly AgreementStatus[]>> = {
  draft: ['proposed'],
  proposed: ['countersigned', 'active', 'refused'],
  countersigned: ['active', 'refused'],
  active: ['suspended', 'terminating', 'ended'],
  suspended: ['active', 'terminating', 'ended'],
  terminating: ['ended'],
  ended: [],
  refused: [],
};

export type GrantStatus = 'asked' | 'active' | 'denied' | 'revoked' | 'expired';

/** Every state but `asked` and `active` is terminal; a deny after an approval is a revocation. */
export const GRANT_TRANSITIONS: Readonly<Record<GrantStatus, readonly GrantStatus[]>> = {
  asked: ['active', 'denied', 'revoked', 'expired'],
  active: ['revoked', 'expired'],
  denied: [],
  revoked: [],
  expired: [],
};

export const mayBecome = <S extends string>(table: Readonly<Record<S, readonly S[]>>, from: S, to: S): boolean =>
  table[from].includes(to);
