import type { Instant } from '../instant.js';
import type { Digest, LocalId, OrganisationId } from '../names.js';
import type { DocumentHead } from './key.js';

/** What a person may be inside the own company. Nobody outside it learns of it: across the fence only keys and grants count. */
export const ROLES = ['architect', 'approver', 'auditor', 'data-engineer', 'api-client'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody of another organisation, or of none, who may read the company's history until a day. */
export interface OutsideAuditor {
  readonly id: LocalId;
  /** The `sub` by which the company's own identity provider knows this guest. */
  readonly login: string;
  /** Null for somebody who belongs to no organisation. */
  readonly organisation: OrganisationId | null;
  readonly from: Instant;
  readonly until: Instant;
}

/** Which claims of the company's own identity provider make which role; signed by a `certify` key. */
export interface RoleMapping extends DocumentHead<'role-mapping'> {
  readonly organisation: OrganisationId;
  readonly entity: Digest;
  readonly sequence: number;
  readonly previous: Digest | null;
  /** The one provider whose claims are read; the entity document names it too. */
  readonly issuer: string;
  /** Scopes to ask for beside `openid`, so that the claims come. */
  readonly scopes: readonly string[];
  readonly rules: readonly { readonly claim: string; readonly value: string; readonly role: Role }[];
  readonly outsideAuditors: readonly OutsideAuditor[];
  readonly issuedAt: Instant;
}
