import type { Person } from '@interlock/company-side';
import {
  allow,
  type Decision,
  type GrantId,
  type LoginProof,
  loginTooWeak,
  narrowedVersions,
  personOfLogin,
  refuse,
  sameSubject,
  type Thumbprint,
  takenAwayBy,
} from '@interlock/domain';
import { signLoginProof, verifyRight } from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { inForce, learnPartners, partiesOf, refreshAgreements } from '../agreements/agreements.js';
import { listUri } from '../beat/status-list.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { documentsOf } from '../grants/hold-delegation.js';
import { readGrant } from '../grants/read-grant.js';
import type { Identity } from './identity-provider.js';

/** What a program on the person's computer asks for: a proof for one grant and one key. */
export interface LoginAsk {
  readonly grant: GrantId;
  readonly jkt: Thumbprint;
}

/** How long a proof lives, in seconds. It bounds opening only. */
export const PROOF_SECONDS = 600;

/**
 * A grant that this agent fetched and verified itself, complete and in effect, whose subjects include this person, or whom the agreement has this
 * login of the company stand for. Only for such a one is anything issued.
 */
export async function grantFor(agent: Agent, id: GrantId, person: Person): Promise<Decision<HeldGrant>> {
  const why = agent.accounts.heldBack(person.id);
  if (why) return refuse('account_held_back', { clause: why });
  const held = await readGrant(agent, id);
  if (!held.allowed) return held;
  const { grant, agreement, owner, subjectSide, complete } = held.value;
  const login = { organisation: agent.organisation, id: person.id };
  const subject = personOfLogin(held.value.agreement, login, { owner, subjectSide });
  if (!subject) return refuse('not_a_party');
  if (!grant.document.subjects.some((one) => sameSubject(one, subject))) return refuse('outside_grant');
  if (!complete) return refuse('approvals_missing');
  const right = await verifyRight(await chainOf(agent, held.value), agent.company().pins, agent.now());
  if (!right.allowed) return right;
  if (agent.now() >= Math.max(...grant.document.windows.map((window) => window.to))) return refuse('window_over');
  const acts = heldActs(agent, agreement);
  const use = { ...right.value, subject, login: subject.organisation === agent.organisation ? undefined : login };
  if (takenAwayBy(acts, { ...use, agreement, session: null }, agent.now())) return refuse('taken_away');
  const left = narrowedVersions(agreement, held.value.agreementDigest, acts);
  const struck = left.some((one) => !personOfLogin(one.agreement, login, { owner, subjectSide }));
  return struck ? refuse('narrowed', { clause: 'identity-provider' }) : held;
}

async function chainOf(agent: Agent, held: HeldGrant) {
  if (!inForce(agent, held.agreement.id)) await refreshAgreements(agent);
  await learnPartners(agent, partiesOf(held.agreement));
  const agreement = inForce(agent, held.agreement.id)?.agreement;
  return {
    ...agent.partners.documents(partiesOf(held.agreement)),
    agreement,
    ...documentsOf([...held.above, held.grant]),
  };
}

/** The right of a login and every right it hangs on. */
const rightsOf = ({ above, grant }: HeldGrant): readonly string[] =>
  [...above, grant].map(({ document }) => document.id);

/** Signs the proof. It is written down before it leaves: the company can always say what its agent issued. */
export async function issueLoginProof(
  agent: Agent,
  person: Person,
  identity: Identity,
  ask: LoginAsk,
): Promise<Decision<{ readonly loginProof: string; readonly expiresAt: number }>> {
  const held = await grantFor(agent, ask.grant, person);
  if (!held.allowed) return held;
  // Nothing is vouched for that no gateway would take.
  if (loginTooWeak(held.value.agreement, identity.acr)) return refuse('login_too_weak', { clause: identity.acr });
  const agreementId = held.value.agreement.id;
  const idx = agent.logins.nextIdx(agreementId);
  const iat = Math.floor(agent.now() / 1000);
  const claims: LoginProof = {
    iss: agent.organisation,
    sub: person.id,
    aud: held.value.owner,
    jkt: ask.jkt,
    acr: identity.acr,
    auth_time: identity.authTime,
    grant: ask.grant,
    iat,
    exp: iat + PROOF_SECONDS,
    jti: agent.newSecret(),
    status: { status_list: { idx, uri: listUri(agent.origin, agreementId) } },
  };
  const until = Math.max(...held.value.grant.document.windows.map(({ to }) => to));
  const key = { jkt: ask.jkt, agreementId, until };
  const login = { idx, person: person.id, jkt: ask.jkt, rights: rightsOf(held.value) };
  const noted = await agent.store.note({
    ...{ kind: 'login-proof', grant: ask.grant, ...key, ...login, at: agent.now() },
  });
  if (!noted.allowed) return noted;
  agent.logins.issued(agreementId, login);
  agent.accounts.vouched(person.id, key);
  // Between the question and here the provider may have said no; nothing was signed yet.
  const why = agent.accounts.heldBack(person.id);
  if (why) return refuse('account_held_back', { clause: why });
  return allow({ loginProof: await signLoginProof(claims, agent.keys.agent), expiresAt: claims.exp * 1000 });
}
