import type { LocalId, Thumbprint } from '../names.js';
import type { DocumentHead } from './key.js';
import type { Grant, Right } from './right.js';

/**
 * The owner's yes to grants that nobody has asked for yet: for these subjects, on these resources, for these actions and this purpose, as often as it
 * says. Signed by as many `approve` persons as such a grant needs; `requester` is the one of them who proposed it, and its one window is when grants under
 * it may be used.
 */
export interface StandingApproval
  extends Omit<Grant, 'typ' | 'ticket' | 'recurrence' | 'dormant' | 'standingApproval'>,
    DocumentHead<'standing-approval'> {
  readonly ticket: null;
  /** How long a window of a grant under it may be. */
  readonly longestWindowSeconds: number;
  /** How many sessions all grants under it may open together. */
  readonly uses: number;
  /** The one gateway of the owner that counts them, with the key whose disk does. */
  readonly gateway: { readonly id: LocalId; readonly key: Thumbprint };
}

/** What somebody asks for and the owner's side approves. */
export type Approvable = Right | StandingApproval;
