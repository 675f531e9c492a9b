import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busAuthenticator, type Nkey, newNkey } from '@interlock/proof';
import { findNatsServer, openCacheFolder } from '@interlock/trial';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import {
  type BusInput,
  type BusPlan,
  type BusRevocations,
  type BusServerSettings,
  type BusServers,
  type BusUserTemplate,
  busServerConfig,
  compileBus,
  establishBusTrust,
  inboxPrefix,
  issueBrokerUser,
  issueUser,
  type ReconcileReport,
  type RegionKeys,
  reconcile,
  regionKeys,
} from '../src/index.js';

export const seconds = (): number => Math.floor(Date.now() / 1000);
export const newUserKey = (): Nkey => newNkey('user');

/** Waits until `holds` says yes. */
export async function until<T>(holds: () => Promise<T | undefined> | T | undefined, ms = 5_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const value = await holds();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`did not become true within ${ms} ms: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A real nats-server of one region, with the broker's two connections. */
export class RegionServer implements AsyncDisposable {
  readonly keys: RegionKeys;
  servers!: BusServers;
  maker!: NatsConnection;
  port = 0;
  private process!: ChildProcess;
  private log = '';
  private readonly opened: NatsConnection[] = [];
  private readonly operator = newNkey('operator');

  private constructor(
    readonly region: string,
    private readonly binary: string,
    readonly dir: string,
    secret: Uint8Array,
    private readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly ca: string },
    private readonly more: Partial<BusServerSettings> = {},
  ) {
    this.keys = regionKeys(secret);
  }

  static async start(
    region = 'eu',
    tls?: { certFile: string; keyFile: string; ca: string },
    more: Partial<BusServerSettings> = {},
  ): Promise<RegionServer> {
    const binary = await findNatsServer(openCacheFolder(), () => undefined);
    const dir = mkdtempSync(join(tmpdir(), 'interlock-bus-'));
    const server = new RegionServer(region, binary, dir, randomBytes(32), tls, more);
    await server.run();
    return server;
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('nats-server did not start');
    return this.process.pid;
  }

  settings(): BusServerSettings {
    return {
      serverName: `bus-${this.region}`,
      region: this.region,
      host: '127.0.0.1',
      port: -1,
      storeDir: join(this.dir, 'store'),
      portsFileDir: this.dir,
      maxFileBytes: 1_000_000_000,
      syncAlways: false,
      maxConnections: 1_000,
      ...(this.tls === undefined ? {} : { tls: this.tls }),
      ...this.more,
    };
  }

  /** Starts the process on the same folder, also after it was killed. */
  async run(): Promise<void> {
    const file = join(this.dir, 'bus.conf');
    writeFileSync(file, busServerConfig(this.settings(), establishBusTrust(this.operator, this.keys, seconds())));
    for (const name of readdirSync(this.dir).filter((each) => each.endsWith('.ports'))) rmSync(join(this.dir, name));
    this.process = spawn(this.binary, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    const ports = join(this.dir, `nats-server_${this.process.pid}.ports`);
    const text = await until(() => {
      if (this.process.exitCode !== null) throw new Error(`nats-server ended: ${this.log}`);
      return existsSync(ports) && /(nats|tls):/.test(readFileSync(ports, 'utf8'))
        ? readFileSync(ports, 'utf8')
        : undefined;
    });
    this.port = Number(/:(\d+)"/.exec(text)?.[1]);
    this.servers = { system: await this.broker('reconciler'), count: 1 };
    this.maker = await this.broker('maker');
  }

  private broker(role: 'reconciler' | 'maker'): Promise<NatsConnection> {
    const key = newUserKey();
    return this.open(() => issueBrokerUser(role, this.keys, key.publicKey, seconds(), 600), key);
  }

  async open(jwt: () => string, key: Nkey, more: ConnectionOptions = {}): Promise<NatsConnection> {
    const connection = await connect({
      servers: `127.0.0.1:${this.port}`,
      authenticator: busAuthenticator(jwt, key),
      inboxPrefix: inboxPrefix(key.publicKey),
      reconnect: false,
      ...(this.tls === undefined ? {} : { tls: { ca: this.tls.ca, handshakeFirst: true } }),
      ...more,
    });
    this.opened.push(connection);
    return connection;
  }

  compile(input: BusInput): BusPlan {
    return compileBus(input, (name) => this.keys.accountKeys(name).publicKey);
  }

  async reconcile(plan: BusPlan, revocations: BusRevocations = {}, erase: string[] = []): Promise<ReconcileReport> {
    const { keys, servers, maker } = this;
    const result = await reconcile({
      ...{ plan, keys, servers, maker, revocations },
      replicas: 1,
      erase: new Set(erase),
      now: seconds(),
    });
    if (!result.allowed) throw new Error(result.refusal.code);
    return result.value;
  }

  issue(template: BusUserTemplate, key: Nkey, rightEndsAt = seconds() + 900): string {
    const ask = { template, publicKey: key.publicKey, lifeSeconds: 300, rightEndsAt };
    const issued = issueUser(ask, this.keys.accountKeys(template.account).signer, seconds());
    if (!issued.allowed) throw new Error(issued.refusal.code);
    return issued.value.jwt;
  }

  async user(template: BusUserTemplate, more: ConnectionOptions = {}): Promise<NatsConnection & { userKey: string }> {
    const key = newUserKey();
    const jwt = this.issue(template, key);
    return Object.assign(await this.open(() => jwt, key, more), { userKey: key.publicKey });
  }

  /** For a process that ends: nothing waits for it. */
  endNow(): void {
    this.process.kill('SIGKILL');
  }

  async kill(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((connection) => connection.close().catch(() => undefined)));
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
