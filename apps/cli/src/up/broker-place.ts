import type { Supervisor } from '@interlock/trial';
import type { TrialState } from './trial-state.js';

/** Where and with what the trial's broker and its region are started. */
export interface BrokerPlace {
  readonly dir: string;
  readonly cacheDir: string;
  /** Answer of `brokerFolder`. */
  readonly keys: string;
  readonly supervisor: Supervisor;
  readonly state: TrialState;
  readonly progress: (what: string) => void;
  /** A nats-server of the caller's own; without it one is found or fetched. */
  readonly natsServer?: string | undefined;
}
