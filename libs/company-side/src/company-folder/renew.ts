import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EntityDocument, Instant, KeyCertificate, Signed } from '@interlock/domain';
import { digestOf, ENTITY_LONGEST, publicJwkOf, type Signer, signed, thumbprintOf } from '@interlock/proof';
import { certify, DAY, fileCertificate, LIFE, newestEntity, readCertificates, writeEntity } from './certify.js';
import { PIPELINE_ID } from './init-company.js';
import { makeKeyFile, readSigner } from './key-files.js';
import { layout } from './layout.js';
import { readRetired } from './retired-keys.js';
import { readSettings, writeSettings } from './settings.js';

/** What may change from one entity document to the next besides its dates. */
export type EntityChange = Partial<Pick<EntityDocument, 'name' | 'agentOrigin' | 'identityProviders' | 'jurisdiction'>>;

/** Publishes a new version of the entity document, signed by the offline root. Certificates are renewed with it. */
export async function renewEntity(
  dir: string,
  now: Instant,
  change: EntityChange = {},
): Promise<Signed<EntityDocument>> {
  const entity = await nextEntity(dir, now, change);
  await renewCertificates(dir, now, () => true);
  const retired = readRetired(dir);
  const signer = readSigner(layout(dir).offline, 'certify', entity.document.organisation);
  await recertify(dir, signer, now, ({ key }) => retired.has(thumbprintOf(key)));
  return entity;
}

/** The next version of the entity document alone, signed by its root; every certificate is then signed anew under it. */
export async function nextEntity(
  dir: string,
  now: Instant,
  change: EntityChange & Partial<Pick<EntityDocument, 'keys' | 'root' | 'succeeds'>>,
  root?: Signer,
): Promise<Signed<EntityDocument>> {
  const { organisation } = readSettings(dir);
  const before = newestEntity(dir).document;
  const next: EntityDocument = {
    ...before,
    ...change,
    sequence: before.sequence + 1,
    previous: digestOf(before),
    issuedAt: now,
    expiresAt: now + ENTITY_LONGEST,
  };
  const entity = await signed(next, root ?? readSigner(layout(dir).offline, 'root', organisation), now);
  writeEntity(dir, entity);
  return entity;
}

/** Signs certificates anew as they are, with their dates, under the newest entity document. */
export async function recertify(
  dir: string,
  signer: Signer,
  now: Instant,
  which: (certificate: KeyCertificate) => boolean = () => true,
): Promise<void> {
  const entity = digestOf(newestEntity(dir).document);
  for (const { document } of readCertificates(dir).filter((one) => which(one.document)))
    fileCertificate(dir, await signed({ ...document, entity }, signer, now));
}

/** A certificate is renewed when less than this part of its life is left. */
const LEFT = 0.5;
const due = (certificate: KeyCertificate, now: Instant): boolean =>
  certificate.notAfter - now < lifeOf(certificate) * LEFT;

const isOpening = (certificate: KeyCertificate): boolean => certificate.purposes.includes('open');
const isBeating = (certificate: KeyCertificate): boolean => certificate.purposes.includes('beat');
/** How long a certificate of this kind lives, in milliseconds. */
export const lifeOf = (certificate: KeyCertificate): number => {
  if (isBeating(certificate)) return LIFE.beat;
  if (isOpening(certificate)) return LIFE.open;
  return certificate.holder.kind === 'agent' || certificate.holder.kind === 'witness' ? LIFE.agent : LIFE.holder;
};

/**
 * Certifies again what is about to run out. Needs the offline `certify` key, so it is run by a person or a timer of the company at least once
 * a day: the beat key's certificate lives no longer. An opening key is never certified twice: the pipeline gets a new one.
 */
export async function renewCertificates(
  dir: string,
  now: Instant,
  which: (certificate: KeyCertificate, now: Instant) => boolean = due,
): Promise<readonly Signed<KeyCertificate>[]> {
  const { organisation, epoch: writer } = readSettings(dir);
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  const renewed: Signed<KeyCertificate>[] = [];
  const retired = readRetired(dir);
  for (const { document } of readCertificates(dir)) {
    if (!which(document, now) || isOpening(document) || retired.has(thumbprintOf(document.key))) continue;
    const { holder, key, purposes, groups, guest, hours, deputises, resources } = document;
    const epoch = document.epoch === null ? null : writer;
    const holding = {
      ...holder,
      key,
      purposes,
      groups,
      guest,
      hours,
      deputises,
      epoch,
      resources,
      life: lifeOf(document),
    };
    // A beat key counts only now, so its certificate stays within a day from end to end.
    const since = isBeating(document) ? now : document.notBefore;
    renewed.push(await certify(dir, organisation, signer, holding, now, since));
  }
  const opening = readCertificates(dir)
    .map((one) => one.document)
    .filter(isOpening);
  if (opening.every((one) => which(one, now))) renewed.push(await newOpeningKey(dir, now, opening));
  return renewed;
}

/**
 * Makes this folder the one writer of its organisation: what it signs from now on counts, and beats of every earlier epoch, of a copy
 * of this folder too, count nowhere. For a folder that was brought back from a copy (trust model, section 7). Needs the offline `certify` key.
 *
 * @returns the epoch it writes under now
 */
export async function takeNextEpoch(dir: string, now: Instant): Promise<number> {
  const settings = readSettings(dir);
  const certified = readCertificates(dir).map(({ document }) => document.epoch ?? 0);
  const epoch = Math.max(settings.epoch, ...certified) + 1;
  // First: ended between the two, the agent beats under no epoch until this was run again.
  writeSettings(dir, { ...settings, epoch });
  await renewCertificates(dir, now, ({ epoch: of }) => of !== null);
  return epoch;
}

/** The pipeline's next opening key; keys whose certificates ended more than a week ago are destroyed. */
export async function newOpeningKey(
  dir: string,
  now: Instant,
  old: readonly KeyCertificate[],
): Promise<Signed<KeyCertificate>> {
  const { organisation } = readSettings(dir);
  const folder = layout(dir).workload(PIPELINE_ID);
  for (const certificate of old.filter((one) => one.notAfter + 7 * DAY < now)) {
    rmSync(join(folder, `open.${certificate.notBefore}.pem`), { force: true });
    const name = `workload.${PIPELINE_ID}.${thumbprintOf(certificate.key)}.json`;
    rmSync(join(layout(dir).certificates, name), { force: true });
  }
  const key = publicJwkOf(makeKeyFile(folder, `open.${now}`, 'X25519'));
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  const holding = { kind: 'workload', id: PIPELINE_ID, key, purposes: ['open'], life: LIFE.open } as const;
  return certify(dir, organisation, signer, holding, now);
}
