import type { Log } from '@interlock/chassis';
import type { AgreementId } from '@interlock/domain';
import { composeStanding } from '../commands/compose-standing.js';
import type { Services } from '../commands/services.js';
import type { Channel } from './channel.js';

/** Several changes within this span make one fresh standing. Milliseconds. */
const GATHER_FOR = 15;
/** Standings composed at a time for one channel: a gateway with a thousand agreements does not crowd out the others. */
const AT_A_TIME = 4;

/** The standings one gateway is to get, each once however often something changed while it waited. */
export class StandingQueue {
  private readonly waiting = new Set<AgreementId>();
  private working = 0;

  constructor(
    private readonly services: Services,
    private readonly channel: Channel,
    private readonly log: Log,
  ) {}

  add(agreementId: AgreementId): void {
    this.waiting.add(agreementId);
    if (this.working >= AT_A_TIME) return;
    this.working += 1;
    setTimeout(() => void this.work(), GATHER_FOR);
  }

  private async work(): Promise<void> {
    for (let [id] = this.waiting; id !== undefined && this.channel.isOpen; [id] = this.waiting) {
      // Taken off before it is read: a change after the reading puts it back.
      this.waiting.delete(id);
      await this.send(id);
    }
    this.working -= 1;
  }

  /** A standing that cannot be composed now is asked for by the gateway itself when it misses it. */
  async send(agreementId: AgreementId): Promise<void> {
    try {
      const standing = await composeStanding(this.services, this.channel.caller.organisation, agreementId);
      if (standing.allowed) this.channel.send({ t: 'standing', standing: standing.value });
    } catch (thrown) {
      this.log.warn({ event: 'channel.fault', agreementId, err: thrown }, 'standing not sent');
    }
  }
}
