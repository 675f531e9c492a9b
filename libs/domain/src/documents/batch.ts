import type { Instant } from '../instant.js';
import type { Digest, LocalId, OrganisationId, ResourceRef, SubjectRef, Thumbprint } from '../names.js';
import type { DocumentHead } from './key.js';

/** What a gateway signs of one sealed batch; the envelope outside it is readable by its recipients only. */
interface BatchTerms {
  readonly agreement: Digest;
  readonly grant: Digest;
  readonly flow: string;
  readonly gateway: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly machine: ResourceRef;
  /** Who handed the observations in at the plant; null where the gateway picked them up at the machine itself. */
  readonly presenter: SubjectRef | null;
  readonly product: LocalId;
  readonly region: LocalId;
  readonly sequence: number;
  readonly previous: Digest | null;
  readonly recipients: readonly { readonly organisation: OrganisationId; readonly kid: Thumbprint }[];
  readonly dropped: number;
  /** When the last of the observations arrived here; each says itself when it occurred. */
  readonly receivedAt: Instant;
  readonly sealedAt: Instant;
  /** Only where a scanner looked at the bytes of the observations, which the head names by digest. */
  readonly scan?: BatchScan | undefined;
}

/** What let these bytes go on: a clean verdict, or the releases that persons signed over what was not clean. */
export interface BatchScan {
  readonly engine: string;
  /** Digest of the signature database. */
  readonly database: Digest;
  readonly at: Instant;
  readonly released?: readonly Digest[] | undefined;
}

/** A batch as gateways make it and recipients read it, whatever version it was signed in. */
export interface Batch extends BatchTerms {
  /** Each as the machine said it: when it occurred, what it is called, its value as text. */
  readonly observations: readonly { readonly at: string; readonly key: string; readonly value: string }[];
}

/** The signed half of a batch: its observations lie beside it as bytes, which `content` names. */
export interface BatchHead extends BatchTerms {
  readonly typ: 'batch';
  readonly v: 2;
  /** Digest of the observations' bytes as they were sealed. */
  readonly content: Digest;
}

/** Format 1: the observations inside what is signed. Gateways of before sealed so; it is still opened. */
export interface BatchWithContent extends DocumentHead<'batch'>, Batch {}
