import {
  type Approvable,
  type Approver,
  accessTerm,
  allow,
  type Decision,
  type Digest,
  dataTerm,
  type GrantId,
  type KeyCertificate,
  type LocalId,
  outOfHours,
  type QuarantineRelease,
  refuse,
  type SignatureBlock,
  type Signed,
  within,
} from '@interlock/domain';
import { signDocument } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { embargoGate } from '../embargo/ask-lists.js';
import type { Attempts } from '../login/attempts.js';
import type { Session } from '../login/sessions.js';
import type { HeldGrant } from './held-grant.js';
import { withinLists } from './member-lists.js';
import { openKeyOf } from './person-key.js';
import { holdGrant, readGrant } from './read-grant.js';
import { windowsOfRule } from './recurring-windows.js';

export interface Approval {
  readonly id: GrantId;
  /** What the person was shown, and means to sign. */
  readonly digest: Digest;
  readonly sign: SignYes;
}

/** What people sign at the agent. */
export type Signable = Approvable | QuarantineRelease;

/** Has the person's own key sign, by whatever the person typed or touched just now. */
export type SignYes = (document: Signable) => Promise<Decision<SignatureBlock>>;

export async function signWithPassphrase(
  agent: Agent,
  { person }: Session,
  document: Signable,
  passphrase: string,
  attempts: Attempts,
): Promise<Decision<SignatureBlock>> {
  const opened = openKeyOf(agent, person.id, passphrase, attempts);
  return opened.allowed ? allow(await signDocument(document, opened.value, agent.now())) : opened;
}

/**
 * Signs a person's yes. It counts only for exactly what this session was shown: the digest of the form, of the page that was rendered, and of
 * the document held now must be one. Whoever shows A and asks to sign B gets a refusal and no signature.
 */
export async function approveGrant(agent: Agent, session: Session, approval: Approval): Promise<Decision<HeldGrant>> {
  if (!session.shown.has(approval.digest)) return refuse('not_what_was_shown');
  const held = await readGrant(agent, approval.id);
  if (!held.allowed) return held;
  if (held.value.digest !== approval.digest) return refuse('not_what_was_shown');
  const role = mayApprove(agent, session, held.value);
  if (!role.allowed) return role;
  const { document } = held.value.grant;
  const recurs = document.typ === 'grant' ? await windowsOfRule(agent, document, held.value.agreement) : undefined;
  if (recurs && !recurs.allowed) return recurs;
  const members = await withinLists(agent, { memberLists: undefined, ...document }, held.value.agreement);
  if (!members.allowed) return members;
  // Whoever comes by a standing approval is looked up when he comes.
  const gate =
    document.typ === 'standing-approval' ? allow(true) : await embargoGate(agent, document, held.value.agreement);
  if (!gate.allowed) return gate;
  const made = await approval.sign(held.value.grant.document);
  if (!made.allowed) return made;
  const signatures = [...held.value.grant.signatures, made.value];
  // Verified as a stranger would before it leaves: a key without a current certificate is told to its holder, not to the partner.
  const signed = await holdGrant(agent, resigned(held.value, signatures), held.value.status);
  if (!signed.allowed) return signed;
  const noted = await agent.store.note({
    kind: 'signed',
    what: 'approval',
    person: session.person.id,
    digest: approval.digest,
    at: agent.now(),
  });
  if (!noted.allowed) return noted;
  const handed = await agent.broker.addGrantSignatures(approval.id, approval.digest, [made.value]);
  return handed.allowed ? signed : handed;
}

/** The same right under other signatures. */
const resigned = ({ grant, above }: HeldGrant, signatures: Signed<Approvable>['signatures']) => ({
  grant: { document: grant.document, signatures },
  above,
});

/** Whether this person's yes would count; the passphrase is not even asked for where it would not. */
export function mayApprove(agent: Agent, { person }: Session, held: HeldGrant): Decision<true> {
  if (held.owner !== agent.organisation) return refuse('not_in_role');
  if (!person.purposes.includes('approve') || person.guest) return refuse('not_in_role');
  const { requester, subjects, typ } = held.grant.document;
  // Who proposes a standing approval is one of those who give it.
  const parties = typ === 'standing-approval' ? subjects : [requester, ...subjects];
  const involved = parties.some((one) => one.organisation === agent.organisation && one.id === person.id);
  if (involved) return refuse('approver_is_party_to_request');
  if (outOfHours({ hours: hoursOf(agent, person.id), signedAt: agent.now() })) return refuse('approval_out_of_hours');
  const groups = approvingGroups(held);
  const may = [...person.groups, ...lentTo(agent, person.id, held)];
  return groups.some((group) => may.includes(group)) ? allow(true) : refuse('not_in_role');
}

/** When a yes of this person counts, by the certificate that is published; null where at any time. */
const hoursOf = (agent: Agent, person: LocalId): Approver['hours'] => newestOf(agent, person)?.hours ?? null;

/** Groups of others whose place this person takes now, over what is asked for. */
function lentTo(agent: Agent, person: LocalId, { grant: { document } }: HeldGrant): readonly LocalId[] {
  const now = agent.now();
  const inPlace = (newestOf(agent, person)?.deputises ?? []).filter(
    ({ periods, resources }) =>
      within(periods, now) && (resources.length === 0 || document.resources.every((one) => resources.includes(one.id))),
  );
  return inPlace.flatMap(({ groups }) => groups);
}

function newestOf(agent: Agent, person: LocalId): KeyCertificate | undefined {
  const [newest] = agent
    .company()
    .certificates.map(({ document }) => document)
    .filter(({ holder }) => holder.kind === 'person' && holder.id === person)
    .sort((a, b) => b.notBefore - a.notBefore);
  return newest;
}

/** Groups whose members may approve this grant, by the clause that governs it. */
export function approvingGroups({ grant, agreement }: HeldGrant): readonly Approver['groups'][number][] {
  return (governingTerm(grant.document, agreement)?.approvals ?? []).map((rule) => rule.group);
}

export function governingTerm(grant: Approvable, agreement: HeldGrant['agreement']) {
  if (grant.kind !== 'data-collection') return accessTerm(agreement, grant.kind);
  const [product, resource] = [grant.actions[0], grant.resources[0]];
  return product && resource ? dataTerm(agreement, product, resource) : undefined;
}
