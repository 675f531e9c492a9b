import type { Agreement } from '../documents/agreement.js';
import type { Act, Delegation, Grant } from '../documents/right.js';
import type { StandingApproval } from '../documents/standing-approval.js';
import type { CountedApprover, PersonRef } from '../grant/approver.js';
import type { Instant } from '../instant.js';
import type { Digest, LocalId, OrganisationId, ResourceRef, SessionId, SubjectRef, Thumbprint } from '../names.js';

/** An act whose signatures have been verified: by whom, and the digest it is known by. */
export interface HeldAct {
  readonly act: Act;
  readonly digest: Digest;
  readonly signers: readonly OrganisationId[];
  /** With which keys; left out where that was not kept. */
  readonly keys?: readonly Pick<UsedKey, 'organisation' | 'thumbprint'>[] | undefined;
  /** When this point first held it; left out where nothing is counted from then. */
  readonly heldSince?: Instant | undefined;
}

/** The use of a right that an act may reach. */
export interface Use {
  readonly agreement: Agreement;
  readonly grant: Grant;
  /** From the grant to who acts; a right dies with everything it hangs on. */
  readonly delegations: readonly { readonly document: Delegation }[];
  /** The owner's yes of before, where the grant rests on one: it dies with that. */
  readonly standingApproval?: { readonly document: Pick<StandingApproval, 'id'> } | undefined;
  readonly subject: SubjectRef;
  /** Who logged in for the subject at another company; left out where nobody did. */
  readonly login?: PersonRef | undefined;
  /** Who said yes: a right cannot outlive the standing of who gave it. */
  readonly approvers: readonly (PersonRef & Pick<CountedApprover, 'deputyFor'>)[];
  readonly session: SessionId | null;
  /** The resource that is used; every resource of the grant where it is not said. */
  readonly resource?: ResourceRef;
  /** Every key this use rests on: leaf, requester, delegators, approvers, gateway. */
  readonly keys: readonly UsedKey[];
}

/** A key that a use rests on. */
export interface UsedKey {
  readonly organisation: OrganisationId;
  readonly thumbprint: Thumbprint;
  /**
   * When this company's own witness had cosigned a log that holds the signature made with it, and with which key; left out where nobody showed
   * that. The time inside a signature is its signer's word, and worth nothing once the key is in other hands.
   */
  readonly proven?: { readonly at: Instant; readonly witness: Thumbprint } | undefined;
}

/**
 * The first act that takes this use away, or undefined. Narrowing acts are a set: order, gaps and repeats change
 * nothing, and each one reaches only agreements its signer is party to and persons, machines and keys of its own.
 */
export function takenAwayBy(acts: readonly HeldAct[], use: Use, now: Instant): HeldAct | undefined {
  return acts.find((held) => reaches(held, use, now, acts) && !liftedBy(held, acts, use.agreement));
}

function reaches(held: HeldAct, use: Use, now: Instant, acts: readonly HeldAct[]): boolean {
  const { act } = held;
  if (act.agreementId !== use.agreement.id) return false;
  if (!use.agreement.parties.some((party) => party.organisation === act.organisation)) return false;
  switch (act.verb) {
    case 'suspend':
      return act.target.kind === 'agreement' && act.target.id === use.agreement.id;
    case 'terminate':
      return (
        act.target.kind === 'agreement' && act.target.id === use.agreement.id && now >= endOfNotice(held, use.agreement)
      );
    case 'revoke':
      return revokes(act, use, acts);
    case 'narrow':
      // Takes parts away, not the whole: which uses are left is for `narrowedBy`.
      return false;
    case 'resume':
      return false;
  }
}

function revokes(act: Act, use: Use, acts: readonly HeldAct[]): boolean {
  const { target, organisation } = act;
  switch (target.kind) {
    case 'grant':
      return [{ document: use.grant }, ...use.delegations, use.standingApproval].some(
        (one) => one?.document.id === target.id,
      );
    case 'session':
      return target.id === use.session;
    case 'person':
      return restsOn(use).some((subject) => isTarget(subject, act));
    case 'machine':
    case 'workload':
      return isTarget(use.subject, act);
    case 'key':
      return use.keys.some(
        (key) =>
          key.organisation === organisation &&
          key.thumbprint === target.id &&
          !signedBefore(key, target.ended?.since, acts),
      );
    case 'agreement':
      return target.id === use.agreement.id;
    case 'resource':
      return isOnly(target.id, organisation, use);
    case 'member':
      return strikes(target, organisation, use);
    case 'annex':
    case 'gateway':
      // What depends on an annex is for the rule that reads it; a gateway is locked out, and nothing else about it is taken away.
      return false;
  }
}

/** Whether what is used is this resource; of a right as a whole, whether it is about nothing else. */
const isOnly = (id: LocalId, owner: OrganisationId, { resource, grant }: Use): boolean =>
  (resource ? [resource] : grant.resources).every((one) => one.owner === owner && one.id === id);

/** Whether a member was struck without whom this use is none: the machine, or somebody through whose hands the right came. */
function strikes(
  { id, list }: Extract<Act['target'], { kind: 'member' }>,
  organisation: OrganisationId,
  use: Use,
): boolean {
  const { resources, subjects } = use.grant.memberLists ?? {};
  if (resources === list && isOnly(id, organisation, use)) return true;
  const through = [use.subject, ...use.delegations.map(({ document }) => document.requester)];
  return subjects === list && through.some((one) => one.organisation === organisation && one.id === id);
}

/**
 * Whether it is proven that a key signed before it came to its end (trust model, section 4). A witness key that was itself revoked proves no
 * time: whoever has it can write any.
 */
function signedBefore(
  { organisation, proven }: UsedKey,
  since: Instant | undefined,
  acts: readonly HeldAct[],
): boolean {
  if (since === undefined || proven === undefined || proven.at >= since) return false;
  return !tookOutOfUse(acts, organisation, proven.witness);
}

/** Whether a company revoked this key of its own. */
const tookOutOfUse = (acts: readonly HeldAct[], organisation: OrganisationId, key: Thumbprint): boolean =>
  acts.some(
    ({ act }) =>
      act.verb === 'revoke' && act.organisation === organisation && act.target.kind === 'key' && act.target.id === key,
  );

/** Who acts, and every person who asked for the right, said yes to it or handed it on: it cannot outlive any of them. */
const restsOn = (use: Use): readonly SubjectRef[] => [
  use.subject,
  ...(use.login ? [{ kind: 'person' as const, ...use.login }] : []),
  ...[use.grant.requester, ...approving(use), ...use.delegations.map(({ document }) => document.requester)].map(
    ({ organisation, id }) => ({ kind: 'person' as const, organisation, id }),
  ),
];

/**
 * Whether an act orders this gateway's lock-out: signed by its own company, whatever the agreement it travels under. It takes effect once, when
 * the gateway first sees it; from then on the lock-out is the gateway's own state, and no act lifts it.
 */
export const locksOut = (act: Act, gateway: { readonly organisation: OrganisationId; readonly id: LocalId }): boolean =>
  act.verb === 'suspend' &&
  act.target.kind === 'gateway' &&
  act.target.id === gateway.id &&
  act.organisation === gateway.organisation;

const approving = (use: Use): readonly PersonRef[] => use.approvers.flatMap(withReplaced);

/** A deputy's yes rests on whoever was replaced too. */
const withReplaced = ({ organisation, id, deputyFor = [] }: Use['approvers'][number]): readonly PersonRef[] => [
  { organisation, id },
  ...deputyFor.map((one) => ({ organisation, id: one.id })),
];

const isTarget = (subject: SubjectRef, { organisation, target }: Act): boolean =>
  subject.organisation === organisation && subject.kind === target.kind && subject.id === target.id;

/**
 * Only a suspension or a narrowing can be lifted, only by every party, and only by the resume that names exactly this one. Not by a key that its company
 * took out of use: whoever found it could say that it was signed before.
 */
export function liftedBy(held: HeldAct, acts: readonly HeldAct[], agreement: Agreement): boolean {
  if (held.act.verb !== 'suspend' && held.act.verb !== 'narrow') return false;
  return acts.some(
    ({ act, signers, keys = [] }) =>
      act.verb === 'resume' &&
      act.lifts === held.digest &&
      act.agreementId === agreement.id &&
      agreement.parties.every((party) => signers.includes(party.organisation)) &&
      !keys.some((key) => tookOutOfUse(acts, key.organisation, key.thumbprint)),
  );
}

/**
 * When the notice that a termination gives is over. It is counted from when it was first held, where that is known: whoever signs it dates it, and could
 * give its notice before anybody heard of it.
 */
export function endOfNotice({ act, heldSince }: Pick<HeldAct, 'act' | 'heldSince'>, agreement: Agreement): Instant {
  const notice = agreement.terms.find((term) => term.type === 'notice');
  const seconds = notice && 'terminateSeconds' in notice ? notice.terminateSeconds : 0;
  return Math.max(act.issuedAt, heldSince ?? act.issuedAt) + seconds * 1000;
}
