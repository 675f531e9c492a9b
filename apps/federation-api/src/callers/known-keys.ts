import { Clock, Ids, News, Requests } from '@interlock/chassis';
import { PUBLISHED, publishedNews, ReadKeys, type ReplyOf } from '@interlock/contracts';
import type { EntityDocument, Instant, Monotonic, OrganisationId, Signed, Thumbprint } from '@interlock/domain';
import { type KeyRing, trust } from '@interlock/proof';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

/** What one organisation publishes, verified under its registered root. */
export interface OrganisationKeys {
  readonly ring: KeyRing;
  readonly entities: readonly Signed<EntityDocument>[];
  readonly root: Thumbprint;
  readonly revoked: ReadonlySet<Thumbprint>;
  readonly fetchedAt: Monotonic;
}

/** News of a publication may be lost; nothing is believed longer than this without asking. Milliseconds. */
const BELIEVED_FOR = 15_000;
/** A name nobody has is asked for again after this. */
const UNKNOWN_FOR = 1_000;
const MOST = 10_000;

/** The published keys of organisations, as the registry has them; dropped on every publication. */
@Injectable()
export class KnownKeys implements OnModuleInit, OnModuleDestroy {
  private readonly known = new Map<OrganisationId, { keys: OrganisationKeys | undefined; fetchedAt: Monotonic }>();
  private readonly underWay = new Map<OrganisationId, Promise<OrganisationKeys | undefined>>();
  private forget: () => void = () => undefined;

  constructor(
    private readonly requests: Requests,
    private readonly news: News,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  onModuleInit(): void {
    this.forget = this.news.hear(PUBLISHED, (body) => {
      const read = publishedNews.safeParse(body);
      if (read.success) this.known.delete(read.data.organisation as OrganisationId);
      return undefined;
    });
  }

  onModuleDestroy(): void {
    this.forget();
  }

  /** Undefined where nobody is registered under the name. `noOlderThan` asks again where what is known was fetched earlier. */
  async of(organisation: OrganisationId, noOlderThan = BELIEVED_FOR): Promise<OrganisationKeys | undefined> {
    const had = this.known.get(organisation);
    const age = had ? this.clock.monotonic() - had.fetchedAt : Number.POSITIVE_INFINITY;
    if (had && age < Math.min(noOlderThan, had.keys ? BELIEVED_FOR : UNKNOWN_FOR)) return had.keys;
    const asked = this.underWay.get(organisation) ?? this.fetch(organisation);
    this.underWay.set(organisation, asked);
    try {
      return await asked;
    } finally {
      if (this.underWay.get(organisation) === asked) this.underWay.delete(organisation);
    }
  }

  private async fetch(organisation: OrganisationId): Promise<OrganisationKeys | undefined> {
    const fetchedAt = this.clock.monotonic();
    const { keys } = await this.requests.ask(ReadKeys, { organisation }, { key: this.ids.next('idk') });
    const made = keys ? await verified(keys, organisation, fetchedAt, this.clock.now()) : undefined;
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(organisation, { keys: made, fetchedAt });
    return made;
  }
}

async function verified(
  keys: NonNullable<ReplyOf<typeof ReadKeys>['keys']>,
  organisation: OrganisationId,
  fetchedAt: Monotonic,
  now: Instant,
): Promise<OrganisationKeys | undefined> {
  const { entities, certificates, root, revoked } = keys;
  const ring = await trust(entities, certificates, new Map([[organisation, root]]), now);
  // A company whose root revoked everything has no key that calls.
  if (!ring.allowed || ring.value.entities.get(organisation)?.revoked) return undefined;
  return { ring: ring.value, entities, root, revoked: new Set(revoked), fetchedAt };
}
