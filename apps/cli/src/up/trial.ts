import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataFolder, openCacheFolder, type RunningNats, Supervisor } from '@interlock/trial';
import { allOrNone } from './all-or-none.js';
import type { BrokerPlace } from './broker-place.js';
import { brokerFolder, killNow, type RunningBroker, startBroker } from './start-broker.js';
import { type CompanyPlace, makeCompanies, pinEachOther } from './start-companies.js';
import { type PeersOptions, startAgent, startGateways, startPeers } from './start-peers.js';
import { startRegions } from './start-region.js';
import { introduceBroker } from './trial-offer.js';
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
  /** Ends every service of the broker, its database and both buses, as if the power went; the relay and the companies go on. */
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  readonly vendor: CompanyPlace;
  readonly buyer: CompanyPlace;
  readonly supervisor: Supervisor;
  /** Step 1 needs it: pins are compared first, gateways are provisioned with them after. */
  pinAndProvision(): Promise<void>;
  stop(): Promise<void>;
}

/** Beats every second keep the trial's short lease alive and make its end visible within the story. */
const BEAT_SECONDS = 1;

/** Starts everything up to the point where the companies know nothing of each other yet. */
export async function startTrial(options: TrialOptions): Promise<Trial> {
  mkdirSync(options.dir, { recursive: true, mode: 0o711 });
  const lock = await lockDataFolder(options.dir);
  const supervisor = new Supervisor(lock, (process, lastWords) => options.onLoss(process.name, lastWords));
  const stop = async () => {
    await supervisor.stopAll();
    lock.release();
  };
  try {
    return await startParts(options, supervisor, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(options: TrialOptions, supervisor: Supervisor, stop: () => Promise<void>): Promise<Trial> {
  const { dir, progress, natsServer, telemetry, scrub } = options;
  const state = await trialState(dir);
  const cacheDir = openCacheFolder();
  const brokerOrigin = `http://127.0.0.1:${state.port('api')}`;
  const keys = brokerFolder(dir, cacheDir);
  const common = { dir, supervisor, state };
  const peers: PeersOptions = {
    ...common,
    brokerOrigin,
    brokerKeys: keys,
    telemetry,
    scrub,
    beatSeconds: BEAT_SECONDS,
  };
  const brokers = restartable({ ...common, cacheDir, keys, progress, natsServer });
  // Together: neither needs the other to start, only to be heard.
  const [, companies] = await allOrNone([brokers.start(), startCompanies(peers)]);
  return {
    dir,
    proofs: folderFor(dir, 'proofs'),
    state,
    get broker() {
      return brokers.now();
    },
    stopBroker: brokers.stop,
    startBroker: brokers.start,
    supervisor,
    ...companies,
    pinAndProvision: async () => {
      pinEachOther(companies.vendor, companies.buyer);
      await startGateways(peers, companies);
    },
    stop,
  };
}

function folderFor(dir: string, name: string): string {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The broker with its regions, stopped and started again as one thing, on the same ports and data. */
function restartable(place: BrokerPlace) {
  let running: { broker: RunningBroker; regions: readonly RunningNats[] } | undefined;
  return {
    now: (): RunningBroker => {
      if (!running) throw new Error('the broker is stopped');
      return running.broker;
    },
    start: async (): Promise<void> => {
      const starting = startRegions(place);
      const broker = await startBroker(place, starting);
      running = { regions: await starting, broker };
    },
    stop: async (): Promise<void> => {
      // The lease of what is open runs from now on: nothing here may take long.
      const { regions = [], broker } = running ?? {};
      for (const { pid } of regions) killNow(pid);
      await Promise.all([broker?.fall(), ...regions.map((region) => region.stop())]);
    },
  };
}

/** Makes both companies with their machines and services, and starts their agents. */
async function startCompanies(peers: PeersOptions) {
  const { dir, supervisor, state, brokerOrigin, brokerKeys } = peers;
  const companies = await makeCompanies({ dir, state, brokerOrigin, now: Date.now() });
  const both = [companies.vendor, companies.buyer];
  introduceBroker(dir, { brokerOrigin, keys: brokerKeys, relayPort: state.port('relay') }, both);
  const agents = both.map((company) => startAgent(supervisor, company, brokerOrigin));
  await allOrNone([startPeers(peers, companies), Promise.all(agents)]);
  return companies;
}
