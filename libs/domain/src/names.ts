import type { Branded } from './instant.js';

export type OrganisationId = Branded<string, 'OrganisationId'>;
export type Digest = Branded<string, 'Digest'>;
export type Thumbprint = Branded<string, 'Thumbprint'>;
export type AgreementId = Branded<string, 'AgreementId'>;
export type GrantId = Branded<string, 'GrantId'>;
export type SessionId = Branded<string, 'SessionId'>;
export type LocalId = Branded<string, 'LocalId'>;

/** Only lower-case ASCII, so that no two spellings of one name exist (see peers' advisories on collation). */
const ORGANISATION = /^(?=.{3,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
const DIGEST = /^sha256:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const THUMBPRINT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const LOCAL = /^[a-z0-9]([a-z0-9._/-]{0,126}[a-z0-9])?$/;
const PREFIXED = (prefix: string) => new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`);
const AGREEMENT = PREFIXED('agr');
const GRANT = PREFIXED('grt');
const SESSION = PREFIXED('ses');

/** An organisation's name: a lower-case domain name it chose, e.g. `delta-foods.example`. */
export const parseOrganisationId = (text: string): OrganisationId | undefined =>
  ORGANISATION.test(text) ? (text as OrganisationId) : undefined;
/** `sha256:` and the unpadded base64url of 32 bytes. */
export const parseDigest = (text: string): Digest | undefined => (DIGEST.test(text) ? (text as Digest) : undefined);
/** RFC 7638 thumbprint: unpadded base64url of 32 bytes. */
export const parseThumbprint = (text: string): Thumbprint | undefined =>
  THUMBPRINT.test(text) ? (text as Thumbprint) : undefined;
/** A name an organisation gives to one of its own things: machine, person, gateway, service, data product. */
export const parseLocalId = (text: string): LocalId | undefined =>
  LOCAL.test(text) && !text.includes('..') && !text.includes('//') ? (text as LocalId) : undefined;
export const parseAgreementId = (text: string): AgreementId | undefined =>
  AGREEMENT.test(text) ? (text as AgreementId) : undefined;
export const parseGrantId = (text: string): GrantId | undefined => (GRANT.test(text) ? (text as GrantId) : undefined);
export const parseSessionId = (text: string): SessionId | undefined =>
  SESSION.test(text) ? (text as SessionId) : undefined;

/** A resource is always named by its owner and the owner's own name for it. */
export interface ResourceRef {
  readonly owner: OrganisationId;
  readonly id: LocalId;
}

export type SubjectKind = 'person' | 'machine' | 'workload';

/** A subject is always named by its organisation; `id` alone means nothing. */
export interface SubjectRef {
  readonly organisation: OrganisationId;
  readonly kind: SubjectKind;
  readonly id: LocalId;
}

export const sameResource = (a: ResourceRef, b: ResourceRef): boolean => a.owner === b.owner && a.id === b.id;
export const sameSubject = (a: SubjectRef, b: SubjectRef): boolean =>
  a.organisation === b.organisation && a.kind === b.kind && a.id === b.id;
