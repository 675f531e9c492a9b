import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataFolder, openCacheFolder, type RunningNats, Supervisor } from '@interlock/trial';
import { brokerFolder, type RunningBroker, startBroker } from './start-broker.js';
import { type CompanyPlace, makeCompanies, pinEachOther, tellBrokerKeys } from './start-companies.js';
import { type PeersOptions, startAgent, startGateways, startPeers } from './start-peers.js';
import { startRegion } from './start-region.js';
import { type TrialState, trialState } from './trial-state.js';

export interface TrialOptions {
  readonly dir: string;
  readonly progress: (what: string) => void;
  readonly telemetry?: string | undefined;
  readonly scrub: readonly string[];
  readonly natsServer?: string | undefined;
  /** A process that ended though nobody asked it to. */
  readonly onLoss: (name: string, lastWords: string) => void;
}

/** Two companies and a broker on one machine, as separate processes that share nothing but the wire. */
export interface Trial {
  readonly dir: string;
  readonly proofs: string;
  readonly state: TrialState;
  readonly broker: RunningBroker;
  /** Stops every service of the broker, its database and both buses; the relay and the companies go on. */
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  readonly vendor: CompanyPlace;
  readonly buyer: CompanyPlace;
  readonly supervisor: Supervisor;
  /** Step 1 needs it: pins are compared first, gateways are provisioned with them after. */
  pinAndProvision(): Promise<void>;
  stop(): Promise<void>;
}

/** Beats every two seconds keep the trial's short lease alive and make its end visible within the story. */
const BEAT_SECONDS = 2;

/** Starts everything up to the point where the companies know nothing of each other yet. */
export async function startTrial(options: TrialOptions): Promise<Trial> {
  const { dir, progress } = options;
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const lock = await lockDataFolder(dir);
  const supervisor = new Supervisor(lock, (process, lastWords) => options.onLoss(process.name, lastWords));
  try {
    const state = await trialState(dir);
    const cacheDir = openCacheFolder();
    const origin = `http://127.0.0.1:${state.port('api')}`;
    const companies = await makeCompanies({ dir, state, brokerOrigin: origin, now: Date.now() });
    const keys = brokerFolder(dir, cacheDir);
    const peers: PeersOptions = {
      dir,
      supervisor,
      state,
      brokerOrigin: origin,
      brokerKeys: keys,
      telemetry: options.telemetry,
      scrub: options.scrub,
      beatSeconds: BEAT_SECONDS,
    };
    const place = { dir, cacheDir, keys, supervisor, state, progress, natsServer: options.natsServer };
    const startAll = async () => {
      region = await startRegion(place);
      return startBroker(place);
    };
    let region: RunningNats | undefined;
    let broker = await bothOrNone(startAll(), startPeers(peers, companies));
    progress('the two companies: agents, gateways');
    for (const company of [companies.vendor, companies.buyer]) tellBrokerKeys(company, broker.keys);
    await Promise.all([companies.vendor, companies.buyer].map((company) => startAgent(supervisor, company, origin)));
    const proofs = join(dir, 'proofs');
    mkdirSync(proofs, { recursive: true, mode: 0o700 });
    return {
      dir,
      proofs,
      state,
      get broker() {
        return broker;
      },
      stopBroker: async () => {
        await broker.stop();
        await region?.stop();
      },
      startBroker: async () => {
        broker = await startAll();
      },
      supervisor,
      ...companies,
      pinAndProvision: async () => {
        pinEachOther(companies.vendor, companies.buyer);
        await startGateways(peers, companies);
      },
      stop: async () => {
        await supervisor.stopAll();
        await lock.release();
      },
    };
  } catch (error) {
    await supervisor.stopAll();
    await lock.release();
    throw error;
  }
}

/** What one of them has started by the time the other fails must not start more while everything is being stopped. */
async function bothOrNone<T>(first: Promise<T>, second: Promise<unknown>): Promise<T> {
  await Promise.allSettled([first, second]);
  await second;
  return first;
}
