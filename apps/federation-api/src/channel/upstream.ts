import { Clock, LOG, type Log, News } from '@interlock/chassis';
import { CosignCheckpoint, deliveryWords, KeepStatusList, type UpstreamFrame } from '@interlock/contracts';
import type { AgreementId, Digest, OrganisationId } from '@interlock/domain';
import { digestOf, verifyDocument } from '@interlock/proof';
import { Inject, Injectable } from '@nestjs/common';
import type { EdgeCaller } from '../callers/callers.js';
import { KnownKeys } from '../callers/known-keys.js';
import { KnownParties } from '../commands/known-parties.js';
import { Services } from '../commands/services.js';

type Frame<T extends UpstreamFrame['t']> = Extract<UpstreamFrame, { t: T }>;

/**
 * What comes up a channel. A frame about an agreement its sender is not party to is dropped without a word, as one about an
 * agreement that does not exist.
 */
@Injectable()
export class Upstream {
  private readonly relayedLists = new Map<string, Digest>();

  constructor(
    private readonly services: Services,
    private readonly parties: KnownParties,
    private readonly keys: KnownKeys,
    private readonly news: News,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** A gateway asks every party of an agreement for a beat. */
  async nonce(caller: EdgeCaller, { agreementId, nonce }: Frame<'nonce'>): Promise<void> {
    const receiver = { organisation: caller.organisation, id: caller.id };
    const frame = { t: 'nonce', agreementId, receiver, nonce };
    for (const party of (await this.parties.of(caller.organisation, agreementId)) ?? []) {
      this.news.deliver(deliveryWords(party, 'agent'), { d: 'frame', frame });
    }
  }

  /** An agent says "still agreed" to one gateway; the status list it names goes with it. */
  async beat(caller: EdgeCaller, frame: Frame<'beat'>): Promise<void> {
    const [beat, list] = [frame.beat.document, frame.statusList.document];
    const own = beat.organisation === caller.organisation && list.organisation === caller.organisation;
    if (!own || list.agreementId !== beat.agreementId) return;
    const parties = await this.parties.of(caller.organisation, beat.agreementId);
    if (!parties?.includes(beat.receiver.organisation) || !(await this.isSigned(caller.organisation, frame))) return;
    this.news.deliver(deliveryWords(beat.receiver.organisation, 'gateway', beat.receiver.id), { d: 'frame', frame });
    await this.keepList(caller.organisation, list.agreementId, frame);
  }

  async cosignature({ organisation }: EdgeCaller, { log, size, line }: Frame<'cosignature'>): Promise<void> {
    const ask = CosignCheckpoint.ask.safeParse({ organisation, log, size, line });
    if (!ask.success) return;
    const reply = await this.services.ask(CosignCheckpoint, ask.data);
    if (!reply.allowed)
      this.log.info({ event: 'cosignature.refused', code: reply.refusal.code, organisation }, 'refused');
  }

  /** The gateway decides; the broker only spares it what cannot be right. */
  private async isSigned(issuer: OrganisationId, frame: Frame<'beat'>): Promise<boolean> {
    const keys = await this.keys.of(issuer);
    if (!keys) return false;
    const demands = [{ issuer, purpose: 'beat' as const }];
    return (await verifyDocument('beat', frame.beat, keys.ring, demands, this.clock.now())).allowed;
  }

  /** Kept for gateways that connect later; only a list that changed is worth a question. */
  private async keepList(organisation: OrganisationId, agreementId: AgreementId, frame: Frame<'beat'>): Promise<void> {
    const name = `${organisation} ${agreementId}`;
    const digest = digestOf(frame.statusList.document);
    if (this.relayedLists.get(name) === digest) return;
    const kept = await this.services.ask(KeepStatusList, { organisation, statusList: frame.statusList });
    if (this.relayedLists.size > 10_000) this.relayedLists.clear();
    if (kept.allowed) this.relayedLists.set(name, digest);
  }
}
