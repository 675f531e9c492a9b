import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AskScanner,
  askScanner,
  brokerClient,
  type Journal,
  type Log,
  lockFolder,
  newNonce,
  openJournal,
  openOperatorPort,
  writeDurably,
} from '@interlock/company-side';
import type { GatewayFrame } from '@interlock/contracts';
import { PROGRAM_SAID_EVERY } from '@interlock/domain';
import { BrokerLine } from './broker-line.js';
import type { GatewayConfig } from './config.js';
import { type CosignWatch, cosignWatch } from './evidence/cosign-watch.js';
import { type EvidenceBook, evidenceBook } from './evidence/evidence-book.js';
import { reportStart } from './evidence/report-start.js';
import { type Flows, startFlows } from './flow/flows.js';
import { type GatewayClock, gatewayClock, machineClocks, persistClock, type RawClocks } from './gateway-clock.js';
import { type Door, openDoor } from './ingest/door.js';
import { openQuarantine } from './ingest/quarantine.js';
import { pushTaker } from './ingest/take-push.js';
import { localHand } from './plant/local-hand.js';
import { lockAll, noteLockout, takeOrder } from './plant/lock-all.js';
import { type Lockout, lockout } from './plant/lockout.js';
import { watchLockoutInput } from './plant/lockout-input.js';
import { PROGRAM } from './program-report.js';
import { type Provisioned, readProvisioning } from './provisioning.js';
import { reportIn } from './report-in.js';
import { Review } from './review.js';
import { ReleaseDesk } from './scanning/release-desk.js';
import { Activations } from './session/activations.js';
import { type KeptOffers, keptOffers } from './session/kept-offers.js';
import { type OwnPoint, ownPoint } from './session/own-point.js';
import { type Sessions, sessions } from './session/sessions.js';
import { countUses, type Uses } from './session/uses.js';
import { keepWorkingTime, type WorkingTime } from './session/working-time.js';
import { firstHeld } from './standing/first-held.js';
import { type HeldActs, heldActs } from './standing/held-acts.js';
import { keepStanding, type StandingKeeper } from './standing/keep-standing.js';
import { type KeptStandings, keptStandings } from './standing/kept-standings.js';
import { keptWords } from './standing/kept-words.js';
import { type RevokedOrganisations, revokedOrganisations } from './standing/revoked-organisations.js';
import { sayProgram, tellProgram } from './standing/say-program.js';
import { howItIs, stateOf } from './state-of.js';
import { tunnelLeaf } from './tunnel-leaf.js';

export interface RunningGateway {
  readonly localPort: number;
  /** Port of the door for collectors; null where there is none. */
  readonly ingestPort: number | null;
  /** Where its operator asks how it is; null where nobody does. */
  readonly operatorPort: number | null;
  close(): Promise<void>;
}

const PERSIST_EVERY = 10_000;
const DELIVER_EVERY = 2_000;
const TAKE_UP_EVERY = 1_000;
/** Space for the records of cuts, held on the disk from the start. */
const RESERVED_BYTES = 1024 * 1024;

/** Starts the enforcement point of one enclave. It dials out only; its one listening port is on its own loopback address. */
export async function startGateway(
  config: GatewayConfig,
  log: Log,
  clocks: RawClocks = machineClocks,
): Promise<RunningGateway> {
  const ground = await layGround(config, log, clocks);
  const scanner = config.GATEWAY_SCANNER === undefined ? undefined : askScanner(config.GATEWAY_SCANNER);
  const parts = await enforce(ground, scanner, log);
  await remember(parts);
  parts.line.open({
    onFrame: (frame) => takeFrame(parts, frame, log),
    onUp: () => {
      parts.keeper.askBeats();
      void reportIn(ground.broker, PROGRAM, log);
      void ground.book.deliver();
    },
    onDown: parts.review.now,
  });
  const { hand, input } = await plantsHand(parts, config);
  const door = await openOwnDoor(parts, config, log);
  const operator = await openOperatorPort({ process: 'edge-gateway', at: config, ...howItIs(parts) });
  const timers = timersOf(parts, config, log);
  parts.review.now();
  return {
    localPort: hand.port,
    ingestPort: door?.port ?? null,
    operatorPort: operator?.port ?? null,
    close: async () => {
      if (input) input.stop();
      await door?.close();
      await operator?.close();
      await closeGateway(parts, timers, hand, log);
    },
  };
}

/** What is done again and again, for as long as it runs. */
const timersOf = (parts: Parts, config: GatewayConfig, log: Log): NodeJS.Timeout[] => [
  setInterval(() => persistClock(parts.clock, log), PERSIST_EVERY),
  setInterval(() => void parts.book.deliver(), DELIVER_EVERY),
  setInterval(() => parts.keeper.askBeats(), config.GATEWAY_BEAT_SECONDS * 1000),
  setInterval(() => void parts.sessions.takeUp(), TAKE_UP_EVERY),
  setInterval(() => void parts.sayProgram(), PROGRAM_SAID_EVERY * 1000),
];

/** The plant's local port and its own input. */
async function plantsHand(parts: Parts, config: GatewayConfig) {
  const { GATEWAY_LOCKOUT_INPUT: file, GATEWAY_LOCKOUT_RELEASED: released = '1' } = config;
  const input = file && watchLockoutInput({ file, released, onTrip: (why) => void lockAll(parts, why) });
  const activations = new Activations(parts);
  const hand = await localHand({
    folder: parts.state,
    port: config.GATEWAY_LOCAL_PORT,
    keeper: parts.keeper,
    lockout: parts.lockout,
    lockAll: (reason) => lockAll(parts, reason),
    inputTripped: () => (input ? input.isTripped() : false),
    state: () => ({ ...stateOf(parts), activationNonce: activations.nonce }),
    onLift: () => noteLockout(parts, false),
    activate: (brought) => activations.take(brought),
    desk: new ReleaseDesk(parts),
  });
  return { hand, input };
}

async function openOwnDoor(parts: Parts, config: GatewayConfig, log: Log): Promise<Door | undefined> {
  const [, host, port] = /^\[?([^\]]*)\]?:(\d+)$/.exec(config.GATEWAY_INGEST ?? '') ?? [];
  if (host === undefined) return undefined;
  const taker = pushTaker({
    ...parts,
    log,
    quarantine: openQuarantine(parts.state, log, parts.self.purposes.includes('enforce')),
  });
  const door = await openDoor({ host, port: Number(port), leaf: parts.leaf.current, taker, log });
  writeDurably(join(parts.state, 'ingest-port'), String(door.port));
  return door;
}

/** What the gateway stands on: who it is, its clock, its disk. Nothing here knows a session. */
interface Ground {
  readonly state: string;
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly journal: Journal;
  readonly broker: ReturnType<typeof brokerClient>;
  readonly book: EvidenceBook;
  readonly watch: CosignWatch;
  readonly lockout: Lockout;
  readonly acts: HeldActs;
  readonly revoked: RevokedOrganisations;
  readonly uses: Uses;
  readonly standings: KeptStandings;
  readonly working: WorkingTime;
  readonly kept: KeptOffers;
  readonly point: OwnPoint;
  readonly release: () => void;
}

async function layGround(config: GatewayConfig, log: Log, clocks: RawClocks): Promise<Ground> {
  const state = join(config.GATEWAY_FOLDER, 'state');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  // Two gateways on one folder would write two chains of evidence and use one ticket twice.
  const { release } = lockFolder(join(state, 'lock'));
  try {
    const self = await readProvisioning(config.GATEWAY_FOLDER, Date.now());
    const clock = gatewayClock(state, self.document.issuedAt, clocks);
    const journal = await openJournal(join(state, 'journal'), {
      maxBytes: config.GATEWAY_JOURNAL_MIB * 1024 * 1024,
      reservedBytes: RESERVED_BYTES,
    });
    const { origin } = self.document.broker;
    const broker = brokerClient({ origin, signer: self.signer, now: () => clock.now(), newId: newNonce });
    const watch = cosignWatch(clock.monotonic);
    const book = evidenceBook({ self, clock, log, journal, broker, watch });
    const kept = {
      lockout: lockout(state),
      acts: heldActs(state, self.organisation),
      revoked: await revokedOrganisations(state, self.pins),
      uses: countUses(state),
      working: keepWorkingTime(state),
      point: ownPoint(config, self.organisation),
      standings: keptStandings(state, log),
      kept: keptOffers(state),
    };
    return { state, self, clock, journal, broker, book, watch, ...kept, release };
  } catch (cause) {
    release();
    throw cause;
  }
}

interface Parts extends Ground {
  readonly line: BrokerLine;
  readonly keeper: StandingKeeper;
  readonly sessions: Sessions;
  readonly flows: Flows;
  readonly review: Review;
  readonly sayProgram: ReturnType<typeof sayProgram>;
  readonly leaf: Awaited<ReturnType<typeof tunnelLeaf>>;
}

/** Everything that says yes or no, told of every change before anything is written anywhere. */
async function enforce(ground: Ground, scanner: AskScanner | undefined, log: Log): Promise<Parts> {
  const { self, clock, acts, revoked } = ground;
  const line = new BrokerLine(self, clock, log);
  const review = new Review(clock.monotonic);
  const started = reportStart(ground);
  const keeper = keepStanding({
    self,
    clock,
    log,
    newNonce,
    ...{ firstHeld: firstHeld(ground.state), words: keptWords(ground.state, log) },
    revoked,
    watch: ground.watch,
    send: line.send,
    onChange: (_agreement, act) => {
      if (!act) return review.now();
      // An act ends only what it names, and is not followed by a look at everything else: that comes within a second anyway.
      open.cut(act);
      flows.review();
    },
    onNewAct: (act, chain) => {
      // Kept after the lock-out holds, so a crash between the two only locks again what is locked.
      if (!acts.has(act)) takeOrder(parts, act);
      acts.keep(act, chain);
    },
    onStanding: (standing) => {
      // By a yes of before this gateway would start with what its source may have taken back since.
      ground.standings.keep({ ...standing, signals: [] });
      started(standing.agreementId);
      void parts.sayProgram(standing.agreementId);
    },
  });
  const leaf = await tunnelLeaf(self.key);
  const held = (agreement: Parameters<typeof keeper.agreements.get>[0]) => keeper.agreements.get(agreement);
  const open = sessions({ ...ground, held, online: line.online, leaf: leaf.current });
  const folder = join(ground.state, 'flows');
  const flows = startFlows({ ...ground, log, keeper, online: line.online, folder, scanner });
  review.add(() => open.review());
  review.add(() => flows.review());
  const say = sayProgram({ ...ground, log, program: PROGRAM, keeper, tell: tellProgram(ground.broker, log) });
  const parts: Parts = { ...ground, line, keeper, sessions: open, flows, review, leaf, sayProgram: say };
  return parts;
}

/** What stood when this gateway was last told. It gives nobody a lease: by it nothing opens but what the plant activates itself. */
async function remember({ standings, keeper, acts }: Parts): Promise<void> {
  for (const standing of standings.all()) {
    await keeper.takeStanding(standing);
    for (const { act, chain } of acts.of(standing.agreementId)) await keeper.takeAct(act, chain);
  }
}

async function takeFrame({ sessions, keeper, acts }: Parts, frame: GatewayFrame, log: Log): Promise<void> {
  if (frame.t === 'offer') {
    const taken = await sessions.take(frame);
    const code = taken.allowed ? 'ok' : taken.refusal.code;
    log.info({ event: 'offer', session: frame.session, code }, 'offer judged');
    return;
  }
  await keeper.onFrame(frame);
  // What was handed to this gateway by its own company's hand is known again after a restart.
  if (frame.t === 'standing')
    for (const { act, chain } of acts.of(frame.standing.agreementId)) await keeper.takeAct(act, chain);
}

async function closeGateway(
  parts: Parts,
  timers: readonly NodeJS.Timeout[],
  hand: Awaited<ReturnType<typeof localHand>>,
  log: Log,
): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  parts.review.stop();
  parts.leaf.stop();
  parts.sessions.closeAll('gateway_stopping');
  parts.flows.closeAll('gateway_stopping');
  parts.line.close();
  hand.server.closeAllConnections();
  await new Promise((resolve) => hand.server.close(resolve));
  persistClock(parts.clock, log);
  await parts.flows.stop();
  // The ends of what was open are evidence too; they are on disk before the folder is given back.
  await parts.sessions.settled();
  await parts.journal.close();
  parts.release();
}
