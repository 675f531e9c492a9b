import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonIfThere, writeDurably } from '@interlock/company-side';
import { publishedDocuments } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EntityDocument,
  type Instant,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, type KeyRing, type Pins, RememberedRings, type TrustRefusal, trust } from '@interlock/proof';
import type { Published } from '../broker/broker-api.js';

/** What partners publish, as far as it verified from the pins. It only ever goes forward. */
export interface PartnerBook {
  /** Takes in what was fetched. Refused, and forgotten, where it does not verify or forks from what was seen. */
  learn(organisation: OrganisationId, fetched: Published, now: Instant): Promise<Decision<true, TrustRefusal>>;
  /** When what this organisation publishes was last taken in, since this process began. */
  learnedAt(organisation: OrganisationId): Instant | undefined;
  /** Documents held of these organisations, for a chain that somebody else verifies. */
  documents(organisations: readonly OrganisationId[]): Published;
  /** The keys of these organisations. */
  ring(organisations: readonly OrganisationId[], now: Instant): Promise<Decision<KeyRing, TrustRefusal>>;
}

/** What this company itself has, read from its own folder; the broker is not asked about it. */
export interface OwnDocuments {
  readonly organisation: OrganisationId;
  readonly published: () => Published;
  readonly pins: () => Pins;
}

const MOST_VERSIONS = 16;

const together = (all: readonly Published[]): Published => ({
  entities: all.flatMap((one) => one.entities),
  certificates: all.flatMap((one) => one.certificates),
});

/**
 * Opens the book under `dir`. Every entity version ever seen stays, so that a broker that plays back an older one, or a second
 * one of the same number, is found out.
 */
export function openPartnerBook(dir: string, own: OwnDocuments): PartnerBook {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fileOf = (organisation: OrganisationId) => join(dir, `${organisation}.json`);
  const held = new Map<OrganisationId, Published>();
  const rings = new RememberedRings();
  const learnedAt = new Map<OrganisationId, Instant>();
  const of = (organisation: OrganisationId): Published => {
    if (organisation === own.organisation) return own.published();
    const known = held.get(organisation) ?? readHeld(fileOf(organisation));
    held.set(organisation, known);
    return known;
  };
  const documents = (organisations: readonly OrganisationId[]): Published =>
    together([...new Set(organisations)].map(of));
  return {
    learn: async (organisation, fetched, now) => {
      if (organisation === own.organisation) return allow(true);
      const everything = [...fetched.entities, ...fetched.certificates];
      if (everything.some(({ document }) => document.organisation !== organisation)) return refuse('wrong_issuer');
      const known = of(organisation);
      const entities = versions([...known.entities, ...fetched.entities]);
      const next: Published = { entities, certificates: fetched.certificates };
      const verified = await trust(next.entities, next.certificates, own.pins(), now);
      if (!verified.allowed) return verified;
      if (JSON.stringify(next) !== JSON.stringify(known)) {
        writeDurably(fileOf(organisation), JSON.stringify(next));
        held.set(organisation, next);
      }
      learnedAt.set(organisation, now);
      return allow(true);
    },
    learnedAt: (organisation) => learnedAt.get(organisation),
    documents,
    ring: (organisations, now) => {
      const { entities, certificates } = documents(organisations);
      return rings.of(entities, certificates, own.pins(), now);
    },
  };
}

function readHeld(file: string): Published {
  const read = readJsonIfThere(file);
  return read === undefined ? { entities: [], certificates: [] } : publishedDocuments.parse(read);
}

/** Each version once, the newest ones kept. */
function versions(entities: readonly Signed<EntityDocument>[]): Signed<EntityDocument>[] {
  const distinct = new Map(entities.map((entity) => [digestOf(entity.document), entity]));
  return [...distinct.values()].sort((a, b) => a.document.sequence - b.document.sequence).slice(-MOST_VERSIONS);
}
