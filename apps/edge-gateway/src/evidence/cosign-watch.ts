import type { AgreementId, Monotonic, OrganisationId, Waiting } from '@interlock/domain';

/** For how long the records of this gateway have waited for each party's witness. */
export interface CosignWatch {
  /** A record lies on the disk, for this log. */
  wrote(log: string): void;
  /** A beat of this party, verified here, says how much of the log its witness has cosigned. */
  heard(agreement: AgreementId, organisation: OrganisationId, size: number): void;
  waiting(agreement: AgreementId): Waiting;
}

interface Witnessed {
  readonly size: number;
  /** Since when the oldest record waits that was written after the log was last seen to grow under this witness. */
  readonly since: Monotonic | undefined;
}

/**
 * A log that grew under a witness has what this gateway wrote before: what waits is what it wrote since. The size is the word of the party whose witness it
 * is, signed: one that says more than its witness cosigned gives the other side the proof. Nobody can shorten the wait but by it; the broker, which may keep
 * a checkpoint from a witness, makes it longer. Counted from each start of this gateway anew, by the monotonic clock.
 */
export function cosignWatch(monotonic: () => Monotonic): CosignWatch {
  const logs = new Map<string, Map<OrganisationId, Witnessed>>();
  return {
    wrote(log) {
      // Of a log that no party's beat was heard of here nothing is kept: its name may be a stranger's, and without a beat nothing opens anyway.
      const witnesses = logs.get(log);
      for (const [organisation, { size, since }] of witnesses ?? [])
        witnesses?.set(organisation, { size, since: since ?? monotonic() });
    },
    heard(agreement, organisation, size) {
      const witnesses = logs.get(agreement) ?? new Map<OrganisationId, Witnessed>();
      logs.set(agreement, witnesses);
      const had = witnesses.get(organisation);
      if (!had || size > had.size) witnesses.set(organisation, { size, since: undefined });
    },
    waiting(agreement) {
      const now = monotonic();
      const all = [...(logs.get(agreement) ?? [])];
      return new Map(all.flatMap(([one, { since }]) => (since === undefined ? [] : [[one, now - since] as const])));
    },
  };
}
