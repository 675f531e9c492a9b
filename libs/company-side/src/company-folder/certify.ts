import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { signedCertificate, signedEntity } from '@interlock/contracts';
import type {
  Deputising,
  Digest,
  EntityDocument,
  HolderKind,
  Instant,
  Interval,
  KeyCertificate,
  LocalId,
  OrganisationId,
  PublicJwk,
  Purpose,
  Signed,
} from '@interlock/domain';
import { digestOf, type Signer, signed, thumbprintOf } from '@interlock/proof';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { folderName, layout } from './layout.js';

export const DAY = 86_400_000;
/** How long certificates live, in milliseconds. A beat key at most 24 h and an opening key at most 7 days (trust model, section 4). */
export const LIFE = { holder: 60 * DAY, agent: 30 * DAY, beat: DAY, open: 7 * DAY } as const;

export interface Holding {
  readonly kind: HolderKind;
  readonly id: LocalId;
  readonly key: PublicJwk;
  readonly purposes: readonly Purpose[];
  readonly life: number;
  readonly groups?: readonly LocalId[];
  readonly guest?: boolean;
  readonly hours?: readonly Interval[] | undefined;
  readonly deputises?: readonly Deputising[] | undefined;
  readonly epoch?: number | null;
  readonly resources?: readonly LocalId[];
}

/** The newest entity document of the folder, and every older one. */
export function readEntities(dir: string): readonly Signed<EntityDocument>[] {
  const { entities } = layout(dir);
  return readdirSync(entities)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => signedEntity.parse(readJsonIfThere(join(entities, name))))
    .sort((a, b) => a.document.sequence - b.document.sequence);
}

export function newestEntity(dir: string): Signed<EntityDocument> {
  const newest = readEntities(dir).at(-1);
  if (!newest) throw new Error(`${dir} has no entity document; make one with "interlock agent init"`);
  return newest;
}

export const writeEntity = (dir: string, entity: Signed<EntityDocument>): void =>
  writeDurably(
    join(layout(dir).entities, `${String(entity.document.sequence).padStart(6, '0')}.json`),
    JSON.stringify(entity),
    0o644,
  );

/** Every certificate the company issued and still has; all of them are published. */
export function readCertificates(dir: string): readonly Signed<KeyCertificate>[] {
  const { certificates } = layout(dir);
  return readdirSync(certificates)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => signedCertificate.parse(readJsonIfThere(join(certificates, name))));
}

/**
 * Certifies a key under the newest entity document and files the certificate. Needs the offline `certify` key.
 * `since` is the first day of a key that is certified again: what it signed since then still counts.
 */
export async function certify(
  dir: string,
  organisation: OrganisationId,
  signer: Signer,
  holding: Holding,
  now: Instant,
  since: Instant = now,
): Promise<Signed<KeyCertificate>> {
  const entity: Digest = digestOf(newestEntity(dir).document);
  const certificate: KeyCertificate = {
    typ: 'key-certificate',
    v: 1,
    organisation,
    entity,
    holder: { kind: holding.kind, id: holding.id },
    key: holding.key,
    purposes: holding.purposes,
    groups: holding.groups ?? [],
    guest: holding.guest ?? false,
    ...(holding.hours && { hours: holding.hours }),
    ...(holding.deputises && { deputises: holding.deputises }),
    epoch: holding.epoch ?? null,
    resources: holding.resources ?? [],
    notBefore: since,
    notAfter: now + holding.life,
  };
  const made = await signed(certificate, signer, now);
  fileCertificate(dir, made);
  return made;
}

/** One file per key: a renewed certificate takes the place of the older one of the same key. */
export function fileCertificate(dir: string, certificate: Signed<KeyCertificate>): void {
  const { holder, key } = certificate.document;
  const name = `${holder.kind}.${folderName(holder.id)}.${thumbprintOf(key)}.json`;
  writeDurably(join(layout(dir).certificates, name), JSON.stringify(certificate), 0o644);
}
