import { defineService } from '@interlock/chassis';
import type { EvidencePlace, LocalId } from '@interlock/domain';
import { RememberedRings } from '@interlock/proof';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { moveWithTime } from './commands/move-with-time.command.js';
import { warnOfAnnexes } from './commands/warn-of-annexes.command.js';
import { answers } from './consumers/answers.js';
import { onKeyRevoked } from './consumers/on-key-revoked.js';
import { MIGRATIONS } from './store/migrations/0001-registry.js';
import type { Verbs } from './verbs.js';

@Module({})
class TrustRegistryModule {}

const settings = {
  /** Registering under a free name needs nothing but a key, so their number is bounded. */
  REGISTRY_MOST_ORGANISATIONS: z.coerce.number().int().min(2).max(1_000_000).default(10_000),
  /** Where the database of this installation stands, as agreements name it: `eu-1:DE`. Without it nothing is held that names a region for its evidence. */
  EVIDENCE_REGION: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}:[A-Z]{2}$/, 'is REGION:COUNTRY, such as eu-1:DE')
    .optional(),
};

type Wired = Omit<Verbs, 'mostOrganisations' | 'rings' | 'evidencePlace'> & {
  readonly settings: { readonly REGISTRY_MOST_ORGANISATIONS: number; readonly EVIDENCE_REGION?: string | undefined };
};
const verbsOf = (wiring: Wired): Verbs => ({
  transactor: wiring.transactor,
  clock: wiring.clock,
  ids: wiring.ids,
  news: wiring.news,
  rings: new RememberedRings(),
  mostOrganisations: wiring.settings.REGISTRY_MOST_ORGANISATIONS,
  evidencePlace: placeOf(wiring.settings.EVIDENCE_REGION),
});

function placeOf(text: string | undefined): EvidencePlace | undefined {
  const [region, jurisdiction] = text?.split(':') ?? [];
  return region && jurisdiction ? { region: region as LocalId, jurisdiction } : undefined;
}

/** How often versions are looked for whose beginning, end or notice has come. Milliseconds. */
const TIME_MOVES_EVERY = 5_000;

/** Owns organisations, entity documents, key certificates, agreements and the acts on them. */
export const trustRegistry = defineService({
  name: 'trust-registry',
  module: TrustRegistryModule,
  settings,
  migrations: MIGRATIONS,
  consumers: (wiring) => [onKeyRevoked(verbsOf(wiring))],
  requests: (wiring) => answers(verbsOf(wiring)),
  workers: (wiring) => [
    { name: 'move-with-time', everyMs: TIME_MOVES_EVERY, work: () => moveWithTime(verbsOf(wiring)) },
    { name: 'warn-of-annexes', everyMs: TIME_MOVES_EVERY, work: () => warnOfAnnexes(verbsOf(wiring)) },
  ],
});
