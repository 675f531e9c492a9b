// The shape of an agreement and of a use of it, as the oracles read them.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
export interface Version {
  readonly house: boolean;
  readonly parties: readonly Json[];
  readonly resources: readonly {
    readonly owner: string;
    readonly id: string;
    readonly class: string;
    readonly services: readonly string[];
  }[];
  readonly terms: readonly ({ readonly type: string } & { readonly [member: string]: Json })[];
  readonly effectiveFrom: number;
  readonly endsAt: number;
}

/** One use that somebody may attempt, with everything around it. */
export interface Attempt {
  readonly kind: 'remote-service' | 'machine-to-machine' | 'data-collection';
  readonly owner: string;
  readonly resource: string;
  /** Where its owner recorded it. */
  readonly recorded: { readonly site: string; readonly zone: string; readonly supported: boolean } | undefined;
  /** The organisation that was granted it, and those to whom it was handed on, one after the other; whether the owner approved each of these. */
  readonly holder: string;
  /** Where the person logged in, under which name, and who it is; undefined where at the own company. */
  readonly login: { readonly at: string; readonly as: string; readonly who: string } | undefined;
  readonly handed: readonly string[];
  readonly handedApproved: boolean;
  /** `party control`, for each that is met in a way the other side accepted. */
  readonly assured: readonly string[];
  /** Whose signatures are of one key for everything. */
  readonly oneKey: string | undefined;
  /** Who is insolvent, with the wait over. */
  readonly insolvent: string | undefined;
  readonly action: string;
  /** Sessions of the same grant that are open, seconds since the login, and seconds by which the other side's clock is ahead. */
  readonly open: number;
  readonly loginAge: number;
  /** How whoever asks logged in. */
  readonly acr: string;
  readonly ahead: number;
  /** By the clock of the plant. */
  readonly day: string;
  readonly time: string;
  readonly purpose: string;
  readonly ticket: string | null;
  readonly lengthSeconds: number;
  readonly bookedSeconds: number;
  readonly approvedSecondsAgo: number;
  readonly workedSeconds: number;
  /** The groups of each person who approved. */
  readonly approvers: readonly (readonly string[])[];
  /** By party: the issuers it asked and how many seconds ago, or undefined where it said nothing. */
  readonly cleared: Readonly<Record<string, { readonly issuers: readonly string[]; readonly age: number } | undefined>>;
  readonly decided: Readonly<Record<string, number | undefined>>;
  /** By party: how many seconds ago it said that somebody is present at the machine. */
  readonly said: Readonly<Record<string, number | undefined>>;
  /** What the gateway in front of the machine runs. */
  readonly program: string;
  readonly region: string;
  readonly endpoint: string;
  readonly recipient: string;
  /** The country of each recipient. */
  readonly countries: Readonly<Record<string, string>>;
  readonly label: string | undefined;
  readonly key: string;
  /** How much of the key's value is shown: all of it, its hash, a step of this width. */
  readonly shown: string;
}

export type Members = Readonly<Record<string, Json>>;
export const list = (value: Json | undefined): readonly string[] => (value ?? []) as readonly string[];
