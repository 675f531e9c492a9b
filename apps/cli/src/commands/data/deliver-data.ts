import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type BatchServer,
  type DropBox,
  type KeepingJournal,
  type KeptBatches,
  type KeptTime,
  keepingJournal,
  keptTime,
  NDJSON,
  type Objects,
  openDropBox,
  openKeptBatches,
  openObjects,
  openPositions,
  PARQUET,
  type Positions,
  pushBatches,
  readersOf,
  serveBatches,
} from '@interlock/client';
import { type AskScanner, lockFolder, readSettings, type TlsFiles, writeDurably } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  carriesFiles,
  type Decision,
  dataTerm,
  type LocalId,
  type OrganisationId,
  termsOfType,
} from '@interlock/domain';
import { digestOfBatches, type OpenedBatch } from '@interlock/proof';
import { type VerifiedAgreement, verifiedAgreement } from '../agreement/verified-agreement.js';
import { companyBroker } from '../company-broker.js';
import { tell, WrongUsage } from '../perform.js';
import type { HostPort } from '../read-arguments.js';
import { eraseDue } from './keep-data.js';
import { type PullReport, pullData } from './pull-data.js';
import { type ReceiversLog, receiversLog } from './say-received.js';

export interface DataDelivery {
  readonly company: string;
  readonly agreement: AgreementId;
  /** The regions of the agreement: what one of them has, the others need not have. */
  readonly from: readonly (HostPort & { readonly region: LocalId })[];
  /** Folder of what was received. */
  readonly store: string;
  /** Port on this machine for programs that ask; none where left out. */
  readonly http?: number;
  readonly webhook?: { readonly to: URL; readonly key: Buffer; readonly tls: TlsFiles };
  readonly objects?: { readonly dir: string; readonly format: 'ndjson' | 'parquet'; readonly everySeconds: number };
  /** Where files wait that come in, and who looks at them. Needed where the agreement lets files in. */
  readonly files?: { readonly dir: string; readonly scanner: AskScanner };
  readonly once: boolean;
  readonly stop: AbortSignal;
}

export interface DeliveryReport extends PullReport {
  readonly erased: number;
  readonly objects: number;
  /** Files that wait for two persons. */
  readonly files: number;
  readonly readers: ReturnType<typeof readersOf>;
}

/** A bus user lives 15 minutes; it is asked for again before. Milliseconds. */
const ONE_PULL = 600_000;
const ERASE_EVERY = 600_000;
const AGAIN_AFTER = 2_000;
/** Batches that one record in the log speaks of. */
const MOST_SAID = 1_000;
/** Under which name the place is kept up to which the log has heard what came. */
const LOG = 'log';

/**
 * Receives what is sealed to this company, keeps it for as long as the agreement says, and hands it to pipelines: to programs that ask, to a
 * webhook, as objects. What is kept is acknowledged after it is on the disk; nothing of it is there twice.
 */
export async function deliverData(delivery: DataDelivery): Promise<Decision<DeliveryReport>> {
  const lock = lockFolder(join(delivery.store, 'lock'));
  const work = new Work(delivery);
  try {
    return await work.run();
  } finally {
    await work.end();
    lock.release();
  }
}

class Work {
  private readonly kept: KeptBatches;
  private readonly journal: KeepingJournal;
  private readonly positions: Positions;
  private readonly objects: Objects | undefined;
  private readonly box: DropBox | undefined;
  private readonly time: KeptTime;
  private readonly said: Positions;
  private readonly log: ReceiversLog;
  private readonly self: OrganisationId;
  private agreed: VerifiedAgreement | undefined;
  private readonly ending = new AbortController();
  private readonly report = { batches: 0, observations: 0, refused: 0, erased: 0, objects: 0 };
  private server: BatchServer | undefined;

  constructor(private readonly delivery: DataDelivery) {
    const { store, objects, files, agreement, company } = delivery;
    this.kept = openKeptBatches(join(store, 'batches'));
    this.journal = keepingJournal(store);
    this.positions = openPositions(join(store, 'positions.json'));
    this.said = openPositions(join(store, 'said.json'));
    this.time = keptTime(store, Date.now, () => performance.now());
    this.log = receiversLog(companyBroker(company), agreement);
    this.self = readSettings(company).organisation;
    this.box = files && openDropBox(files.dir, agreement, tell);
    this.objects = objects && openObjects(objects.dir, this.kept, objects.format === 'parquet' ? PARQUET : NDJSON);
    if (delivery.stop.aborted) this.ending.abort();
    delivery.stop.addEventListener('abort', () => this.ending.abort());
  }

  async run(): Promise<Decision<DeliveryReport>> {
    const { once, from, http, webhook, objects } = this.delivery;
    if (http !== undefined) await this.serve(http);
    const first = await this.eraseOver();
    if (!first.allowed) return first;
    const pushing = webhook && !once ? this.push(webhook) : undefined;
    const timers = once
      ? []
      : [
          setInterval(() => void this.eraseOver().catch(() => undefined), ERASE_EVERY),
          ...(objects ? [setInterval(() => this.writeObjects(), objects.everySeconds * 1_000)] : []),
        ];
    const pulled = await Promise.all(from.map((place) => (once ? this.pullOnce(place) : this.pullOn(place))));
    for (const timer of timers) clearInterval(timer);
    this.writeObjects();
    await pushing;
    if (once) await this.sayReceived();
    const no = pulled.find((one) => !one.allowed);
    if (no && !no.allowed) return no;
    return allow({
      ...this.report,
      files: this.box?.held().length ?? 0,
      readers: readersOf(this.kept, this.positions, Date.now()),
    });
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.server?.close();
  }

  private readonly rest = (milliseconds: number): Promise<void> =>
    wait(milliseconds, undefined, { signal: this.ending.signal }).catch(() => undefined);

  private async serve(port: number): Promise<void> {
    const file = join(this.delivery.store, 'token');
    if (!existsSync(file)) writeDurably(file, randomBytes(32).toString('base64url'));
    const token = readFileSync(file, 'utf8');
    this.server = await serveBatches({ kept: this.kept, positions: this.positions, port, token });
    writeDurably(join(this.delivery.store, 'port'), String(this.server.port));
    tell(`programs on this machine read http://127.0.0.1:${this.server.port}/v1/batches with the token in ${file}`);
  }

  private push({ to, key, tls }: NonNullable<DataDelivery['webhook']>): Promise<void> {
    const { kept, positions } = this;
    const waits = (why: string, ms: number) => tell(`${to.host} took nothing: ${why}; again in ${ms / 1_000} s`);
    const more = { now: Date.now, rest: this.rest, onWaiting: waits, stop: this.ending.signal };
    return pushBatches({ kept, positions, reader: 'webhook', to, key, tls, ...more });
  }

  private async pullOnce(place: DataDelivery['from'][number]): Promise<Decision<unknown>> {
    return this.pull(place, true, this.ending.signal);
  }

  /** Until it is told to end: a region that is away is asked again, and what lies there waits. */
  private async pullOn(place: DataDelivery['from'][number]): Promise<Decision<unknown>> {
    while (!this.ending.signal.aborted) {
      const renew = AbortSignal.any([this.ending.signal, AbortSignal.timeout(ONE_PULL)]);
      const why = await this.pull(place, false, renew).then(
        (pulled) => (pulled.allowed ? undefined : pulled.refusal.code),
        (thrown: unknown) => (thrown as Error).message,
      );
      if (why === undefined) continue;
      tell(`region ${place.region} gives nothing now (${why}); asking again, nothing is lost`);
      await this.rest(AGAIN_AFTER);
    }
    return allow(true);
  }

  private async pull(
    { region, host, port }: DataDelivery['from'][number],
    once: boolean,
    signal: AbortSignal,
  ): Promise<Decision<unknown>> {
    const { company, agreement } = this.delivery;
    const pulled = await pullData({
      ...{ company, agreement, region, endpoint: { host, port }, once, signal },
      keep: async (opened) => {
        const batch = await this.withoutFiles(opened);
        if (!this.kept.keep({ ...opened, batch }, Date.now())) return;
        this.report.batches += 1;
        this.report.observations += batch.observations.length;
      },
    });
    if (pulled.allowed) this.report.refused += pulled.value.refused;
    return pulled;
  }

  /** What may be kept no longer goes from the disk and from the objects; who cannot be asked what was agreed keeps it until it can. */
  private async eraseOver(): Promise<Decision<unknown>> {
    const agreed = await verifiedAgreement(companyBroker(this.delivery.company), this.delivery.agreement);
    if (!agreed.allowed) return agreed;
    this.agreed = agreed.value;
    const letsFilesIn = termsOfType(agreed.value.agreement, 'data-collection').some(
      (term) => carriesFiles(term) && term.recipients.includes(this.self),
    );
    if (letsFilesIn && !this.box)
      throw new WrongUsage('the agreement lets files in; give --files DIR and --scanner SOCKET');
    await this.sayReceived();
    const [held, now] = [await this.log.heldBy(), this.time.now()];
    if (!held.allowed) return held;
    if (now === undefined) {
      tell('the clock of this machine jumped ahead; nothing is erased by it. Set it, and start again');
      return allow(true);
    }
    const { kept, objects, journal, box: files } = this;
    const gone = await eraseDue({ kept, objects, journal, files }, agreed.value, this.self, now, held.value);
    this.report.erased += gone.length;
    return gone.length > 0 ? this.log.say('data.erased', [digestOfBatches(gone)], gone.length) : allow(true);
  }

  /** Tells the log what came since it was told last; what it does not hear now it hears the next time. */
  private async sayReceived(): Promise<void> {
    for (;;) {
      const some = this.kept.read(Math.max(this.said.of(LOG) ?? 0, this.kept.first), MOST_SAID);
      const last = some.at(-1);
      if (!last) return;
      const digest = digestOfBatches(some.map(({ batch }) => batch));
      const said = await this.log.say('data.received', [digest], some.length).catch(() => undefined);
      if (!said?.allowed) return tell('the log was not told what came; it is told the next time');
      this.said.move(LOG, last.offset + 1);
    }
  }

  /** Files are no data for programs: they wait apart, and a batch with parts of them is taken only where they can. */
  private async withoutFiles({ batch }: OpenedBatch): Promise<OpenedBatch['batch']> {
    const term = this.agreed && dataTerm(this.agreed.agreement, batch.product, batch.machine);
    if (!term || !carriesFiles(term)) return batch;
    if (!this.box) throw new Error('a file came and there is no place for it; give --files DIR and --scanner SOCKET');
    const left = this.box.take(batch, Date.now());
    if (this.delivery.files) await this.box.look(this.delivery.files.scanner);
    return left;
  }

  private writeObjects(): void {
    this.report.objects += this.objects?.write() ?? 0;
  }
}
