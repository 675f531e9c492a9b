import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { LOG, type Log, News } from '@interlock/chassis';
import {
  CHANNEL_OPENED,
  CHECKPOINTED,
  channelOpenedNews,
  checkpointedNews,
  type Delivery,
  delivery,
  deliveryWords,
  FAULTS,
  PendingCosignatures,
  PUBLISHED,
  problemType,
  publishedNews,
  REFUSALS,
  type RefusalCode,
  type UpstreamFrame,
} from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { Callers, type EdgeCaller } from '../callers/callers.js';
import { CountRefused } from '../callers/count-refused.js';
import { Services } from '../commands/services.js';
import { ApiOrigin } from '../http/api-origin.js';
import { Channel, CLOSE } from './channel.js';
import { greet } from './greet.js';
import { StandingQueue } from './standing-queue.js';
import { Upstream } from './upstream.js';

const PATH = '/v1/channel';
const LARGEST_FRAME = 1024 * 1024;
const PING_EVERY = 10_000;
/** Upgrades being verified at a time; the others are told to come again. */
const MOST_PENDING = 128;
/** Refusals to a holder who has proven who it is. */
const OF_PROVEN_CALLERS: readonly RefusalCode[] = ['rate_limited', 'caller_not_allowed'];
/** A witness that has not answered is asked again after this. */
const ASK_WITNESS_AGAIN = 20_000;
/** News of new checkpoints of one organisation are gathered for so long: a busy log must not fill its witness's day. Milliseconds. */
const ASK_WITNESS_TOGETHER = 100;
/** After news of a publication, what was fetched longer ago than this is not it. Milliseconds. */
const JUST_PUBLISHED = 1;

/** The live channels of this replica: opened by a caller proof, one per holder, the newest wins. */
@Injectable()
export class Channels implements OnModuleInit, OnModuleDestroy {
  private readonly live = new Map<string, Channel>();
  private readonly accept = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME, clientTracking: false });
  private readonly askedWitness = new Map<string, number>();
  private readonly askedSoon = new Set<OrganisationId>();
  private pinging: NodeJS.Timeout | undefined;
  private pending = 0;
  private unhear: readonly (() => void)[] = [];

  /** Tells this process's own news from those of other replicas. */
  private readonly replica = randomBytes(12).toString('base64url');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly callers: Callers,
    private readonly refused: CountRefused,
    private readonly services: Services,
    private readonly upstream: Upstream,
    private readonly news: News,
    private readonly api: ApiOrigin,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    this.pinging = setInterval(() => void this.pingAll(), PING_EVERY);
    this.pinging.unref();
    this.unhear = [
      this.news.hear(CHANNEL_OPENED, (body) => {
        const read = channelOpenedNews.safeParse(body);
        const mine = read.success ? this.live.get(read.data.holder) : undefined;
        // Our own news may come back after the holder has opened again here; what opened here was settled when it opened.
        const elsewhere = read.success && read.data.replica !== this.replica;
        if (elsewhere && mine && mine.name !== read.data.channel) mine.close(CLOSE.replaced, 'opened elsewhere');
        return undefined;
      }),
      this.news.hear(PUBLISHED, (body) => {
        const read = publishedNews.safeParse(body);
        if (read.success) void this.checkStillCertified(read.data.organisation);
        return undefined;
      }),
      this.news.hear(CHECKPOINTED, (body) => {
        const read = checkpointedNews.safeParse(body);
        for (const one of read.success ? read.data.organisations : []) this.askSoon(one as OrganisationId);
        return undefined;
      }),
    ];
  }

  onModuleDestroy(): void {
    clearInterval(this.pinging);
    for (const stop of this.unhear) stop();
    for (const channel of this.live.values()) {
      channel.close(CLOSE.goingAway, 'going away');
      channel.terminate();
    }
    this.accept.close();
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const stranger = () => this.refused.count(request.socket.remoteAddress);
    if (request.url !== PATH || this.pending >= MOST_PENDING) stranger();
    if (request.url !== PATH) return this.refuse(socket, 'not_found');
    if (this.pending >= MOST_PENDING) return this.refuse(socket, 'rate_limited');
    this.pending += 1;
    try {
      const proven = {
        method: 'GET',
        target: PATH,
        body: new Uint8Array(),
        authorization: request.headers.authorization,
      };
      const caller = await this.callers.certified(proven);
      if (!caller.allowed) {
        if (!OF_PROVEN_CALLERS.includes(caller.refusal.code)) stranger();
        return this.refuse(socket, caller.refusal.code);
      }
      if (caller.value.actor !== 'agent' && caller.value.actor !== 'gateway')
        return this.refuse(socket, 'caller_not_allowed');
      this.accept.handleUpgrade(request, socket, head, (opened) => void this.open(opened, caller.value));
    } catch (thrown) {
      this.log.error({ event: 'channel.fault', err: thrown }, 'channel not opened');
      this.refuse(socket, 'unavailable');
    } finally {
      this.pending -= 1;
    }
  }

  private async open(socket: WebSocket, caller: EdgeCaller): Promise<void> {
    const channel: Channel = new Channel(socket, caller, (from, frame) => this.handle(from, frame, standings));
    const standings = new StandingQueue(this.services, channel, this.log);
    this.live.get(channel.holder)?.close(CLOSE.replaced, 'opened again');
    this.live.set(channel.holder, channel);
    this.news.tell(CHANNEL_OPENED, { holder: channel.holder, channel: channel.name, replica: this.replica });
    // Heard before anything is read: what is committed after the reading below is delivered here.
    const unhear = this.hear(channel, standings);
    channel.onClose(() => {
      for (const stop of unhear) stop();
      if (this.live.get(channel.holder) === channel) this.live.delete(channel.holder);
    });
    this.log.info(
      { event: 'channel.opened', organisation: caller.organisation, gatewayId: caller.id },
      'channel opened',
    );
    try {
      await greet(this.services, channel, standings);
    } catch (thrown) {
      // Half a greeting is worse than none: the holder connects again and gets a whole one.
      this.log.warn({ event: 'channel.fault', err: thrown }, 'channel not greeted');
      channel.close(CLOSE.tooSlow, 'try again');
    }
  }

  private hear(channel: Channel, standings: StandingQueue): (() => void)[] {
    const { organisation, id } = channel.caller;
    const take = (body: unknown) => {
      const read = delivery.safeParse(body);
      const what = read.success ? (read.data as Delivery) : undefined;
      if (what?.d === 'frame') channel.send(what.frame);
      if (what?.d === 'refresh') standings.add(what.agreementId);
      return channel.isOpen ? { there: true } : undefined;
    };
    return [
      this.news.hearDeliveries(deliveryWords(organisation, channel.kind), take),
      this.news.hearDeliveries(deliveryWords(organisation, channel.kind, id), take),
    ];
  }

  private async handle(channel: Channel, frame: UpstreamFrame, standings: StandingQueue): Promise<void> {
    const fromGateway = frame.t === 'nonce' || frame.t === 'ask-standing';
    if (fromGateway !== (channel.kind === 'gateway'))
      return channel.close(CLOSE.notAllowed, 'not for this kind of holder');
    try {
      if (frame.t === 'nonce') await this.upstream.nonce(channel.caller, frame);
      else if (frame.t === 'ask-standing') await standings.send(frame.agreementId);
      else if (frame.t === 'beat') await this.upstream.beat(channel.caller, frame);
      else {
        await this.upstream.cosignature(channel.caller, frame);
        this.askSoon(channel.caller.organisation);
      }
    } catch (thrown) {
      this.log.warn({ event: 'channel.fault', err: thrown }, 'frame not handled');
    }
  }

  private async pingAll(): Promise<void> {
    for (const channel of this.live.values()) {
      if (!channel.alive) channel.terminate();
      else channel.ping();
    }
    await this.checkStillCertified();
  }

  /** A channel outlives the request that opened it, but not the certificate. Where that cannot be asked, the channel stays. */
  private async checkStillCertified(organisation?: string): Promise<void> {
    for (const channel of [...this.live.values()]) {
      if (organisation !== undefined && channel.caller.organisation !== organisation) continue;
      const still = await this.callers
        .stillCertified(channel.caller, organisation ? JUST_PUBLISHED : undefined)
        .catch(() => true);
      if (!still) channel.close(CLOSE.noLongerCertified, 'no longer certified');
    }
  }

  private refuse(socket: Duplex, code: RefusalCode | 'not_found' | 'unavailable'): void {
    const { status, title } = code === 'not_found' || code === 'unavailable' ? FAULTS[code] : REFUSALS[code];
    answer(socket, { type: problemType(this.api.origin, code), title, status, code });
  }

  /** Shows every connected witness what it has not cosigned. */
  async askWitnesses(): Promise<undefined> {
    for (const organisation of new Set(this.agents().map((channel) => channel.caller.organisation)))
      await this.askWitness(organisation);
    return undefined;
  }

  private readonly agents = (organisation?: OrganisationId): readonly Channel[] =>
    [...this.live.values()].filter(
      ({ kind, caller }) => kind === 'agent' && (organisation === undefined || caller.organisation === organisation),
    );

  private askSoon(organisation: OrganisationId): void {
    if (this.askedSoon.has(organisation) || this.agents(organisation).length === 0) return;
    this.askedSoon.add(organisation);
    const ask = () => {
      this.askedSoon.delete(organisation);
      void this.askWitness(organisation);
    };
    setTimeout(ask, ASK_WITNESS_TOGETHER).unref();
  }

  private async askWitness(organisation: OrganisationId): Promise<void> {
    const now = performance.now();
    const { checkpoints } = await this.services
      .ask(PendingCosignatures, { organisation, limit: 50 })
      // The audit service has its own alarm; a witness is asked again in a moment.
      .catch(() => ({ checkpoints: [] }));
    for (const { log, size, note, oldSize, proof } of checkpoints) {
      // With what the witness has: where it first answers for an older state, it is asked for this one again at once.
      const name = `${organisation} ${log} ${oldSize} ${size}`;
      if (now - (this.askedWitness.get(name) ?? Number.NEGATIVE_INFINITY) < ASK_WITNESS_AGAIN) continue;
      if (this.askedWitness.size > 10_000) this.askedWitness.clear();
      this.askedWitness.set(name, now);
      for (const channel of this.agents(organisation)) channel.send({ t: 'checkpoint', log, note, oldSize, proof });
    }
  }
}

function answer(socket: Duplex, problem: { readonly type: string; title: string; status: number; code: string }): void {
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
