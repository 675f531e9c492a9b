import { allow, type Decision, refuse } from '../decision.js';
import type { EntityDocument } from '../documents/key.js';
import { type OutsideAuditor, ROLES, type Role, type RoleMapping } from '../documents/role-mapping.js';
import type { Instant } from '../instant.js';

/** Who logged in, as one identity provider says, with the claims that the mapping reads. */
export interface LoggedIn {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/** `holder`: the company gave this person a key of its own; what may be signed with it stands in the certificate of the key. */
export type Capacity = Role | 'holder';

/** An outside auditor is named for this long at most, in milliseconds; who needs longer is named again. */
export const OUTSIDE_LONGEST = 90 * 86_400_000;

/** What is left when the entity document has expired: taking away, which never waits for papers. */
const WITHOUT_PAPERS: readonly Role[] = ['architect'];

/**
 * Claims that people choose, type or bring along, or that say at which mail domain somebody has an address. Whoever can get such an
 * address, or such a name, must not get a role by it.
 */
const NOT_READ =
  /^(.*mail.*|proxy_?addresses|upn|((user_?)?principal|unique|preferred_?user|user|display|nick|given|family|middle|sur|first|last|full|common)?_?name|hd|phone.*|mobile.*|address|profile|picture|website|locale|zoneinfo|birthdate|gender)$/i;
/** Claims about the token and the login, which say nothing about the person. */
const ABOUT_THE_TOKEN = /^(iss|aud|azp|exp|nbf|iat|jti|nonce|at_hash|c_hash|s_hash|auth_time|acr|amr|sid)$/;

export type MappingFault =
  | 'claim_not_read'
  | 'identity_provider_unknown'
  | 'outside_auditor_too_long'
  | 'role_mapping_incoherent';

/** What a claim is called behind the address of whoever defined it. */
const lastWord = (claim: string): string => claim.slice(Math.max(claim.lastIndexOf('/'), claim.lastIndexOf(':')) + 1);

/** Whether a mapping may be relied on, by what the company says of itself. Its signature is not for here. */
export function judgeMapping(
  mapping: RoleMapping,
  entity: Pick<EntityDocument, 'organisation' | 'identityProviders'>,
): Decision<RoleMapping, MappingFault> {
  if (!entity.identityProviders.some(({ issuer }) => issuer === mapping.issuer))
    return refuse('identity_provider_unknown', { clause: mapping.issuer });
  const unread = mapping.rules.find(({ claim }) => NOT_READ.test(lastWord(claim)) || ABOUT_THE_TOKEN.test(claim));
  if (unread) return refuse('claim_not_read', { clause: unread.claim });
  const long = mapping.outsideAuditors.find(({ from, until }) => until <= from || until - from > OUTSIDE_LONGEST);
  if (long) return refuse('outside_auditor_too_long', { clause: long.id });
  const names = mapping.outsideAuditors.flatMap(({ id, login }) => [`id ${id}`, `login ${login}`]);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) return refuse('role_mapping_incoherent', { clause: twice });
  const own = mapping.outsideAuditors.find(({ organisation }) => organisation === entity.organisation);
  return own ? refuse('role_mapping_incoherent', { clause: own.id }) : allow(mapping);
}

/** The outside auditor whom this login is, whether his time has begun, goes on or is over. */
export const outsiderOf = (mapping: RoleMapping, who: LoggedIn): OutsideAuditor | undefined =>
  who.issuer === mapping.issuer ? mapping.outsideAuditors.find(({ login }) => login === who.subject) : undefined;

/**
 * The roles of who logged in. An outside auditor is that and nothing more, whatever else his claims say. `lapsed`: the company's entity
 * document has expired, so nothing but taking away is left.
 */
export function rolesOf(
  mapping: RoleMapping,
  who: LoggedIn,
  now: Instant,
  lapsed: boolean,
): Decision<readonly Role[], 'outside_auditor_over'> {
  if (who.issuer !== mapping.issuer) return allow([]);
  const outsider = outsiderOf(mapping, who);
  if (outsider && (now < outsider.from || now >= outsider.until))
    return refuse('outside_auditor_over', { clause: outsider.id });
  const roles = outsider ? (['auditor'] as const) : ROLES.filter((role) => mapping.rules.some(fits(role, who)));
  return allow(lapsed ? roles.filter((role) => WITHOUT_PAPERS.includes(role)) : roles);
}

const fits =
  (role: Role, who: LoggedIn) =>
  (rule: RoleMapping['rules'][number]): boolean => {
    if (rule.role !== role) return false;
    if (rule.claim === 'sub') return rule.value === who.subject;
    return Object.hasOwn(who.claims, rule.claim) && (who.claims[rule.claim]?.includes(rule.value) ?? false);
  };

/** Whether one of these capacities is among those that a route or verb is for. The clause names what would be needed. */
export function mayUse(row: readonly Capacity[], has: readonly Capacity[]): Decision<true, 'role_needed'> {
  return row.some((one) => has.includes(one)) ? allow(true) : refuse('role_needed', { clause: row.join(' or ') });
}
