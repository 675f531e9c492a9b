import type { EpochSeconds } from '@interlock/domain';

/** One agreed flow, as far as the bus of a region needs to know it. */
export interface BusFlow {
  readonly flowId: string;
  /** Where it is stored and read. Flows of other regions are no business of this region's bus. */
  readonly region: string;
  readonly publisher: { readonly organisation: string; readonly gateway: string };
  /** Organisations that may read it; the publisher's own (its tap) only if it stands here. */
  readonly recipients: readonly string[];
  /** Most bytes stored for this flow at any time. */
  readonly maxBytes: number;
  readonly retentionSeconds: number;
}

/** An agreement in force, of companies that connect to NATS themselves. */
export interface BusAgreement {
  readonly agreementId: string;
  /** Digest of the version in force. */
  readonly agreementDigest: string;
  readonly organisations: readonly string[];
  readonly flows: readonly BusFlow[];
  /**
   * Flows as an earlier version had them, while what was stored under it is still owed: their readers go on reading,
   * nobody publishes. Needed when readers or retention of a flow change.
   */
  readonly drains?: readonly BusFlow[];
}

export interface BusInput {
  readonly region: string;
  readonly agreements: readonly BusAgreement[];
}

/** The public key of an account, by the account's name. A pure function of the region's secret. */
export type AccountKeyOf = (accountName: string) => string;

/** A subject of the region account that this account may use, and what it is called inside this account. */
export interface BusImport {
  readonly subject: string;
  readonly localSubject: string;
  readonly kind: 'publish' | 'next' | 'ack';
}

/**
 * One gateway that publishes, or one organisation that reads, in one agreement. Never both in one account: the server
 * answers to whatever subject a request names, and what comes in there may be a flow of the same account.
 */
export interface BusAccount {
  readonly name: string;
  readonly publicKey: string;
  readonly imports: readonly BusImport[];
}

/** Made and owned by the broker; a recipient can only ask it for the next messages and acknowledge them. */
export interface BusDurable {
  /** The public key of the recipient's account, so that the server itself binds it to that account. */
  readonly name: string;
  readonly filterSubject: string;
}

export interface BusStream {
  readonly name: string;
  /**
   * Ends in one wildcard token, because the server compares each subject with those of all other streams. It opens
   * nothing: what comes in here is decided by the imports of its publisher, which name flows one by one.
   */
  readonly subject: string;
  readonly maxBytes: number;
  readonly retentionSeconds: number;
  readonly durables: readonly BusDurable[];
}

/** What the users of one account may ever do. `issueUser` binds it to a key and a time. */
export interface PublisherTemplate {
  readonly role: 'publisher';
  readonly account: string;
  readonly accountKey: string;
  readonly agreementId: string;
  readonly agreementDigest: string;
  readonly organisation: string;
  readonly gateway: string;
  readonly flows: readonly { readonly flowId: string; readonly subject: string; readonly storedSubject: string }[];
}

export interface RecipientTemplate {
  readonly role: 'recipient';
  readonly account: string;
  readonly accountKey: string;
  readonly agreementId: string;
  readonly agreementDigest: string;
  readonly organisation: string;
  /** One entry per stream; its durable carries exactly these flows. */
  readonly pulls: readonly {
    readonly stream: string;
    readonly durable: string;
    readonly next: string;
    readonly ack: string;
    readonly flows: readonly { readonly flowId: string; readonly storedSubject: string }[];
  }[];
}

export type BusUserTemplate = PublisherTemplate | RecipientTemplate;

export type BusAgreementFault =
  | 'agreement_named_twice'
  | 'organisation_named_twice'
  | 'flow_named_twice'
  | 'flow_publisher_not_party'
  | 'flow_recipient_not_party'
  | 'flow_without_recipient'
  | 'flow_limits_invalid'
  | 'name_empty';

/** An agreement that is left out as a whole, so that it cannot affect any other. */
export interface UncompiledAgreement {
  readonly agreementId: string;
  readonly agreementDigest: string;
  readonly code: BusAgreementFault;
  readonly detail: string;
}

/** Everything that must exist on the bus of one region, and nothing else may. */
export interface BusPlan {
  readonly region: string;
  readonly accounts: readonly BusAccount[];
  readonly streams: readonly BusStream[];
  readonly templates: readonly BusUserTemplate[];
  readonly refused: readonly UncompiledAgreement[];
}

/** Account name -> user key -> second up to which its JWTs are dead. Kept by the broker beside its acts. */
export type BusRevocations = Readonly<Record<string, Readonly<Record<string, EpochSeconds>>>>;
