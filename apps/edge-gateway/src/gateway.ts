import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  brokerClient,
  type Channel,
  type Log,
  makeLeaf,
  newNonce,
  openChannel,
  openJournal,
} from '@interlock/company-side';
import { type GatewayFrame, gatewayFrame } from '@interlock/contracts';
import type { Act, AgreementId, Signed } from '@interlock/domain';
import type { GatewayConfig } from './config.js';
import { evidenceBook } from './evidence/evidence-book.js';
import { startFlows } from './flow/flows.js';
import { gatewayClock, machineClocks, type RawClocks } from './gateway-clock.js';
import { localHand } from './plant/local-hand.js';
import { lockout } from './plant/lockout.js';
import { readProvisioning } from './provisioning.js';
import { sessions } from './session/sessions.js';
import { heldActs } from './standing/held-acts.js';
import { keepStanding } from './standing/keep-standing.js';

export interface RunningGateway {
  readonly localPort: number;
  close(): Promise<void>;
}

const PERSIST_EVERY = 10_000;
const DELIVER_EVERY = 2_000;
/** At most this long between two looks at every live use, in milliseconds. */
const REVIEW_EVERY = 1_000;
const LEAF_EVERY = 6 * 3_600_000;

/** Starts the enforcement point of one enclave. It dials out only; its one listening port is on its own loopback address. */
export async function startGateway(
  config: GatewayConfig,
  log: Log,
  clocks: RawClocks = machineClocks,
): Promise<RunningGateway> {
  const folder = config.GATEWAY_FOLDER;
  mkdirSync(join(folder, 'state'), { recursive: true, mode: 0o700 });
  const self = await readProvisioning(folder, Date.now());
  const clock = gatewayClock(join(folder, 'state'), self.document.issuedAt, clocks);
  const journal = await openJournal(join(folder, 'state', 'journal'), {
    maxBytes: config.GATEWAY_JOURNAL_MIB * 1024 * 1024,
    reservedBytes: 1024 * 1024,
  });
  const origin = self.document.broker.origin;
  const broker = brokerClient({ origin, signer: self.signer, now: () => clock.now(), newId: newNonce });
  const book = evidenceBook({ self, clock, log, journal, broker });
  const lock = lockout(join(folder, 'state'));
  const acts = heldActs(join(folder, 'state'));
  let channel: Channel | undefined;
  let online = false;
  let review: () => void = () => undefined;
  const keeper = keepStanding({
    self,
    clock,
    log,
    newNonce,
    send: (frame) => channel?.send(frame) ?? false,
    onChange: () => review(),
    onNewAct: (act: Signed<Act>) => acts.keep(act),
  });
  const held = (agreement: AgreementId) => keeper.agreements.get(agreement);
  let leaf = await makeLeaf(self.key, Date.now());
  const open = sessions({ self, clock, lockout: lock, book, held, online: () => online, leaf: () => leaf });
  const flows = startFlows({
    self,
    clock,
    log,
    lockout: lock,
    book,
    broker,
    keeper,
    online: () => online,
    folder: join(folder, 'state', 'flows'),
  });
  review = reviewer(() => Math.min(open.review(), flows.review()), clock.monotonic);

  const onFrame = async (frame: GatewayFrame): Promise<void> => {
    if (frame.t === 'offer') {
      const taken = await open.take(frame);
      log.info(
        { event: 'offer', session: frame.session, code: taken.allowed ? 'ok' : taken.refusal.code },
        'offer judged',
      );
      return;
    }
    await keeper.onFrame(frame);
    // What was handed to this gateway by its own company's hand is known again after a restart.
    if (frame.t === 'standing') for (const act of acts.of(frame.standing.agreementId)) await keeper.takeAct(act);
  };
  channel = openChannel({
    origin,
    signer: self.signer,
    now: () => clock.now(),
    newId: newNonce,
    frames: gatewayFrame,
    onFrame: (frame) =>
      onFrame(frame).catch((cause) => log.error({ event: 'frame.fault' }, 'frame could not be handled', cause)),
    onGarbage: (detail) => log.warn({ event: 'frame.garbage', detail }, 'a frame was not one'),
    onDown: () => {
      online = false;
      review();
    },
    onUp: () => {
      online = true;
      keeper.askBeats();
      void book.deliver();
    },
  });
  const local = await localHand({
    folder: join(folder, 'state'),
    port: config.GATEWAY_LOCAL_PORT,
    keeper,
    lockout: lock,
    closeAll: (code) => open.closeAll(code) + flows.closeAll(code),
    state: () => stateOf(self, lock, keeper, open, flows),
    onLockout: (set) => {
      for (const id of keeper.agreements.keys()) {
        void book.note(
          id,
          undefined,
          { kind: set ? 'lockout.set' : 'lockout.lifted', outcome: set ? 'cut' : 'change', at: clock.now() },
          set,
        );
      }
    },
  });
  const timers = [
    setInterval(() => clock.persist(), PERSIST_EVERY),
    setInterval(() => void book.deliver(), DELIVER_EVERY),
    setInterval(() => keeper.askBeats(), config.GATEWAY_BEAT_SECONDS * 1000),
    setInterval(() => review(), REVIEW_EVERY),
    setInterval(() => void makeLeaf(self.key, Date.now()).then((fresh) => (leaf = fresh)), LEAF_EVERY),
  ];
  return {
    localPort: local.port,
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      open.closeAll('gateway_stopping');
      flows.closeAll('gateway_stopping');
      channel?.close();
      local.server.closeAllConnections();
      await new Promise((resolve) => local.server.close(resolve));
      clock.persist();
      await flows.stop();
      await journal.close();
    },
  };
}

/** Runs the review now, and again exactly when the next lease or window ends. */
function reviewer(look: () => number, monotonic: () => number): () => void {
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    clearTimeout(timer);
    const next = look();
    if (Number.isFinite(next)) timer = setTimeout(run, Math.min(Math.max(next - monotonic(), 0), REVIEW_EVERY));
  };
  return run;
}

function stateOf(
  self: { gateway: string; organisation: string },
  lock: { isSet(): boolean },
  keeper: ReturnType<typeof keepStanding>,
  open: ReturnType<typeof sessions>,
  flows: { readonly live: readonly string[] },
): unknown {
  return {
    gateway: `${self.organisation}/${self.gateway}`,
    locked: lock.isSet(),
    agreements: [...keeper.agreements].map(([id, held]) => ({
      id,
      version: held.agreement.version,
      acts: held.acts.size,
      leases: Object.fromEntries(
        [...held.leases].map(([organisation, lease]) => [organisation, lease.anchor !== null]),
      ),
      nonce: keeper.nonceFor(id),
    })),
    sessions: [...open.live].map(([session, { admitted }]) => ({
      session,
      subject: admitted.chain.subject,
      resource: admitted.ask.resource,
    })),
    flows: flows.live,
  };
}
