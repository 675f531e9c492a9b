/** A stream of the internal event bus. PostgreSQL is the truth; a stream only carries the news of it. */
export interface StreamDef {
  readonly name: string;
  readonly subjects: readonly string[];
  /** How long news is kept for a service that is away. Days. */
  readonly keepDays: number;
  /** Within this span the server drops a second message of the same id. Seconds; the inbox drops it for ever. */
  readonly duplicateWindowSeconds: number;
  /** Copies in a cluster; the deploy step lowers it to the number of servers there are. */
  readonly replicas: number;
}

/** Every stream there is; created by one deploy step, never by whoever starts first. */
export const STREAMS: readonly StreamDef[] = [
  { name: 'FACTS', subjects: ['fact.>'], keepDays: 14, duplicateWindowSeconds: 600, replicas: 3 },
];

/** The stream that keeps the facts of every service. */
export const FACTS = 'FACTS';
