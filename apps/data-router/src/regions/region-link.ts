import { readFileSync } from 'node:fs';
import { type BrokerRole, type BusServers, inboxPrefix, issueBrokerUser, type RegionKeys } from '@interlock/bus';
import type { Clock, Log } from '@interlock/chassis';
import { busAuthenticator, newNkey } from '@interlock/proof';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { RegionSettings } from '../settings.js';

/** The broker's two connections to the bus of a region. */
export interface LiveLink {
  readonly servers: BusServers;
  /** A connection as the broker's stream maker in the region account. */
  readonly maker: NatsConnection;
}

const USER_SECONDS = 3_600;
const CONNECT_MS = 3_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/**
 * Holds the connections to one region. Every connect makes fresh users and reads the endpoint's certificate again: it is trusted for being
 * that very certificate, so whoever answers in its place without its key gets no line.
 */
export class RegionLink {
  private live: LiveLink | undefined;
  private stopping = false;
  private endRest: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: RegionSettings,
    private readonly keys: RegionKeys,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The connections, or nothing while the region cannot be reached. */
  get current(): LiveLink | undefined {
    return this.live;
  }

  /** Connects, and connects again whenever the connections are lost. `onUp` is called after each time. */
  start(onUp: () => void): void {
    this.loop = this.keep(onUp);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.endRest();
    await this.close();
    await this.loop;
  }

  private async keep(onUp: () => void): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!this.stopping) {
      try {
        const live = await this.open();
        this.live = live;
        pause = FIRST_PAUSE;
        if (this.stopping) break;
        this.log.info({ event: 'region.up', context: this.settings.region }, 'region bus is reached');
        onUp();
        await Promise.race([live.servers.system.closed(), live.maker.closed()]);
        this.log.warn({ event: 'region.lost', context: this.settings.region }, 'region bus is lost, trying again');
      } catch (thrown) {
        this.log.warn(
          { event: 'region.unreachable', context: this.settings.region, err: thrown },
          'region bus cannot be reached',
        );
      }
      await this.close();
      if (!this.stopping) await this.rest(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    await this.close();
  }

  private async open(): Promise<LiveLink> {
    const system = await this.connectAs('reconciler');
    try {
      return { servers: { system, count: this.settings.servers }, maker: await this.connectAs('maker') };
    } catch (thrown) {
      await system.close();
      throw thrown;
    }
  }

  private connectAs(role: BrokerRole): Promise<NatsConnection> {
    const { host, port, certificate } = this.settings;
    const key = newNkey('user');
    const now = Math.floor(this.clock.now() / 1_000);
    const jwt = issueBrokerUser(role, this.keys, key.publicKey, now, USER_SECONDS);
    // The certificate itself is the trust; its name is nobody's promise.
    const tls = { handshakeFirst: true, ca: readFileSync(certificate, 'utf8'), checkServerIdentity: () => undefined };
    return connect({
      servers: `${host}:${port}`,
      name: `data-router ${role}`,
      tls,
      authenticator: busAuthenticator(() => jwt, key),
      inboxPrefix: inboxPrefix(key.publicKey),
      reconnect: false,
      ignoreClusterUpdates: true,
      timeout: CONNECT_MS,
    });
  }

  private async close(): Promise<void> {
    const old = this.live;
    this.live = undefined;
    await Promise.all([old?.servers.system.close(), old?.maker.close()]).catch(() => undefined);
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
