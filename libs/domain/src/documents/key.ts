import type { Instant, Interval } from '../instant.js';
import type { Digest, LocalId, OrganisationId, Thumbprint } from '../names.js';
import type { TelemetrySource } from './telemetry-source.js';

/** Public key as it travels: Ed25519 or P-256 only. */
export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519' | 'X25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };

/** What a key may sign or open. A key used for anything else is refused, whoever holds it. */
export const PURPOSES = [
  'root',
  'certify',
  'agreement',
  'grant',
  'approve',
  'narrow',
  'delegate',
  'login',
  'beat',
  'witness',
  'decide',
  'embargo',
  'open',
  'enforce',
  'inspect',
  'subject',
  'call',
  'signal',
  'issue',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** A signature over the canonical bytes of a document (RFC 7515 flattened, payload detached). */
export interface JwsSignature {
  readonly form: 'jws';
  readonly protected: string;
  readonly signature: string;
}

/**
 * A passkey's assertion (WebAuthn Level 3, section 7.2) whose challenge is the SHA-256 of what a JWS of the same header and document would sign. All
 * members are base64url; the signature is as the authenticator made it.
 */
export interface PasskeySignature {
  readonly form: 'webauthn';
  readonly protected: string;
  readonly authenticatorData: string;
  readonly clientData: string;
  readonly signature: string;
}

/** One signature on a document. */
export type SignatureBlock = JwsSignature | PasskeySignature;

export interface Signed<D> {
  readonly document: D;
  readonly signatures: readonly SignatureBlock[];
}

/** What every document carries: its kind and the version of its format. */
export interface DocumentHead<T extends string> {
  readonly typ: T;
  readonly v: 1;
}

/**
 * Says which root follows a root of the organisation, signed by that one: from entity document `sequence` on, the new one alone speaks. A partner
 * that pinned the old one goes on with the new one, and pins it when it has compared it.
 */
export interface RootSuccession extends DocumentHead<'root-succession'> {
  readonly organisation: OrganisationId;
  readonly from: PublicJwk;
  readonly to: Thumbprint;
  readonly sequence: number;
  readonly issuedAt: Instant;
}

/** What an organisation publishes about its own zero-trust domain; signed by its root, at most 90 days. */
export interface EntityDocument extends DocumentHead<'entity'> {
  readonly organisation: OrganisationId;
  readonly name: string;
  readonly sequence: number;
  readonly previous: Digest | null;
  readonly root: PublicJwk;
  /** Which roots this one follows, the latest first; left out where it is the first. */
  readonly succeeds?: readonly Signed<RootSuccession>[] | undefined;
  /** Keys of the organisation itself. Keys of persons, devices and processes are in key certificates. */
  readonly keys: readonly { readonly key: PublicJwk; readonly purposes: readonly Purpose[] }[];
  readonly agentOrigin: string;
  readonly identityProviders: readonly { readonly issuer: string; readonly clientId: string }[];
  readonly trustDomain: string;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export type HolderKind = 'person' | 'device' | 'gateway' | 'machine' | 'workload' | 'witness' | 'agent';

/** A replacement that is planned ahead: in these periods the holder's yes may fill a seat of this approver of the same company. */
export interface Deputising {
  /** Who is away. */
  readonly for: LocalId;
  /** Groups of whoever is away in which the yes counts. */
  readonly groups: readonly LocalId[];
  readonly periods: readonly Interval[];
  /** Nothing else is approved so; any resource of the company where it is empty. */
  readonly resources: readonly LocalId[];
}

/** Binds a key to one holder of the organisation; signed by a `certify` key of the entity document it names. */
export interface KeyCertificate extends DocumentHead<'key-certificate'> {
  readonly organisation: OrganisationId;
  readonly entity: Digest;
  readonly holder: { readonly kind: HolderKind; readonly id: LocalId };
  readonly key: PublicJwk;
  readonly purposes: readonly Purpose[];
  readonly groups: readonly LocalId[];
  /** Guests of the organisation may be subjects but never approve. */
  readonly guest: boolean;
  /** For an approver: when a yes of this key counts, expanded by its company; at any time where left out. */
  readonly hours?: readonly Interval[] | undefined;
  /** For an approver: in whose place the holder says yes, and when; left out where nobody's. */
  readonly deputises?: readonly Deputising[] | undefined;
  /** The writer epoch, for the organisation's agent; null for every other holder. */
  readonly epoch: number | null;
  /** For a gateway: the resources of its own organisation that it enforces for. */
  readonly resources: readonly LocalId[];
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** Comes from the gateway's own company; the only source of machine addresses and of pins. */
export interface Provisioning extends DocumentHead<'provisioning'> {
  readonly organisation: OrganisationId;
  readonly gateway: LocalId;
  readonly pins: readonly { readonly organisation: OrganisationId; readonly root: Thumbprint }[];
  readonly targets: readonly {
    readonly resource: LocalId;
    readonly service: LocalId;
    readonly host: string;
    readonly port: number;
    /** The gateway's own address in the machine's network, where two networks behind it use the same addresses. */
    readonly from?: string | undefined;
    /** The Modbus unit behind this address: a bridge would answer for every other machine on its line too. */
    readonly unit?: number | undefined;
  }[];
  /** Where telemetry is fetched beside the machines' adapters. */
  readonly sources?: readonly TelemetrySource[] | undefined;
  /** The only places the gateway ever dials out to; what the broker names is looked up here. */
  readonly broker: { readonly origin: string; readonly ticketKey: PublicJwk };
  readonly relays: readonly { readonly host: string; readonly port: number }[];
  readonly regions: readonly { readonly region: LocalId; readonly host: string; readonly port: number }[];
  /** Names of people, machines and domains that no value may carry out of the plant. */
  readonly scrub: readonly string[];
  /** First floor of the gateway's clock. */
  readonly issuedAt: Instant;
}
