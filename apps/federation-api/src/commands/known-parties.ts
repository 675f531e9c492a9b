import { Clock } from '@interlock/chassis';
import { ReadParties } from '@interlock/contracts';
import type { AgreementId, Monotonic, OrganisationId } from '@interlock/domain';
import { Injectable } from '@nestjs/common';
import { Services } from './services.js';

/** The parties of an agreement never change; only that a caller was told may be remembered. Milliseconds. */
const REMEMBERED_FOR = 60_000;
const MOST = 50_000;

/** Who is party to an agreement, told to parties only. */
@Injectable()
export class KnownParties {
  private readonly known = new Map<string, { parties: readonly OrganisationId[]; at: Monotonic }>();

  constructor(
    private readonly services: Services,
    private readonly clock: Clock,
  ) {}

  /** Undefined for whoever is not party to it, as for an agreement that does not exist. */
  async of(organisation: OrganisationId, agreementId: AgreementId): Promise<readonly OrganisationId[] | undefined> {
    const name = `${organisation} ${agreementId}`;
    const had = this.known.get(name);
    if (had && this.clock.monotonic() - had.at < REMEMBERED_FOR) return had.parties;
    const reply = await this.services.ask(ReadParties, { organisation, agreementIds: [agreementId] });
    const [found] = reply.allowed ? reply.value.agreements : [];
    if (!found) return undefined;
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(name, { parties: found.parties, at: this.clock.monotonic() });
    return found.parties;
  }
}
