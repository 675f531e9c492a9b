import { join } from 'node:path';
import {
  allow,
  type Decision,
  type HolderKind,
  type Instant,
  type KeyCertificate,
  type LocalId,
  type PublicJwk,
  type Purpose,
  refuse,
  type Thumbprint,
} from '@interlock/domain';
import { keySigner, newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { writeDurably } from '../durable-file.js';
import { certify, newestEntity, readCertificates } from './certify.js';
import { AGENT_ID, PIPELINE_ID } from './init-company.js';
import { mustBeInFile, readSigner, replaceKeyFile, writePersonKeyFile } from './key-files.js';
import { type AgentKey, layout } from './layout.js';
import { lifeOf, newOpeningKey, nextEntity, recertify, takeNextEpoch } from './renew.js';
import { currentCertificate, retire } from './retired-keys.js';
import { readRoleMapping, signRoleMapping } from './role-mapping.js';
import { readSettings } from './settings.js';

/** Which key: of the organisation itself, of its agent, of its pipeline, or of one holder. The root is rotated by `rotateRoot`. */
export type KeyName =
  | 'certify'
  | 'agreement'
  | AgentKey
  | 'open'
  | { readonly kind: 'person'; readonly id: LocalId; readonly passphrase: string }
  | { readonly kind: 'gateway' | 'machine' | 'workload'; readonly id: LocalId };

export interface RotateOptions {
  readonly now: Instant;
  /** Others may have the old one: it is named no longer, or its epoch ends, where that is for the company's folder to do. */
  readonly compromised?: boolean;
}

export interface Rotation {
  readonly before: Thumbprint;
  readonly after: Thumbprint;
}

/**
 * Puts a new key in the place of one of the company's own; the private half of the old one is destroyed. What the old one signed goes on to count
 * as its certificate or the entity document says. Needs the offline `certify` key, and `root` for the keys of the organisation itself; the old key
 * is not needed, so that a lost one is replaced the same way. Ended half-way, it is run again. Refused where there is no such key.
 */
export async function rotateKey(
  dir: string,
  name: KeyName,
  options: RotateOptions,
): Promise<Decision<Rotation, 'unknown_key'>> {
  if (name === 'certify' || name === 'agreement') return rotateOwn(dir, name, options);
  if (name === 'open') return rotateOpening(dir, options);
  const place = placeOf(dir, name);
  const old = currentCertificate(dir, place.kind, place.id, place.purpose);
  if (!old) return refuse('unknown_key', { clause: `${place.kind} ${place.id}` });
  const { now, compromised } = options;
  const key = newPrivateKey(old.key.crv);
  const made = await certifyInstead(dir, old, publicJwkOf(key), now);
  const before = thumbprintOf(old.key);
  retire(dir, before, now);
  // Last: ended before it, the folder holds a certificate of a key that nobody has, and the next run makes another.
  if (typeof name !== 'string' && name.kind === 'person') writePersonKeyFile(place.folder, key, name.passphrase);
  else replaceKeyFile(place.folder, place.file, key);
  if (typeof name !== 'string' && name.kind !== 'person')
    writeDurably(join(place.folder, 'certificate.json'), JSON.stringify(made), 0o644);
  if (compromised && old.epoch !== null) await takeNextEpoch(dir, now);
  return allow({ before, after: thumbprintOf(made.document.key) });
}

async function certifyInstead(dir: string, old: KeyCertificate, key: PublicJwk, now: Instant) {
  const { organisation, epoch: writer } = readSettings(dir);
  const { holder, purposes, groups, guest, hours, deputises, resources } = old;
  const epoch = old.epoch === null ? null : writer;
  const holding = { ...holder, key, purposes, groups, guest, hours, deputises, epoch, resources, life: lifeOf(old) };
  return certify(dir, organisation, readSigner(layout(dir).offline, 'certify', organisation), holding, now);
}

interface KeyPlace {
  readonly kind: HolderKind;
  readonly id: LocalId;
  readonly purpose: Purpose | undefined;
  readonly folder: string;
  readonly file: string;
}

function placeOf(dir: string, name: Exclude<KeyName, 'certify' | 'agreement' | 'open'>): KeyPlace {
  const place = layout(dir);
  if (name === 'witness')
    return { kind: 'witness', id: 'witness' as LocalId, purpose: 'witness', folder: place.keys, file: name };
  if (typeof name === 'string') {
    const purpose = name === 'beat' ? 'beat' : 'narrow';
    return { kind: 'agent', id: AGENT_ID, purpose, folder: place.keys, file: name };
  }
  const { kind, id } = name;
  // A pipeline holds opening keys beside the one it calls with.
  return { kind, id, purpose: kind === 'workload' ? 'call' : undefined, folder: place[kind](id), file: 'key' };
}

async function rotateOpening(dir: string, { now }: RotateOptions): Promise<Decision<Rotation, 'unknown_key'>> {
  const opening = readCertificates(dir)
    .map(({ document }) => document)
    .filter(({ purposes }) => purposes.includes('open'))
    .sort((a, b) => b.notBefore - a.notBefore);
  const [old] = opening;
  if (!old) return refuse('unknown_key', { clause: `workload ${PIPELINE_ID}` });
  const made = await newOpeningKey(dir, now, opening);
  return allow({ before: thumbprintOf(old.key), after: thumbprintOf(made.document.key) });
}

/** How many earlier keys of one purpose an entity document goes on to name. */
const EARLIER_NAMED = 15;

/**
 * A key of the organisation itself. The entity document goes on to name the old one, so that what it signed goes on to count; where others may have
 * it, it is named no longer and nothing it signed counts. Every certificate is signed anew, with the dates it has.
 */
async function rotateOwn(
  dir: string,
  name: 'certify' | 'agreement',
  { now, compromised }: RotateOptions,
): Promise<Decision<Rotation, 'unknown_key'>> {
  mustBeInFile(layout(dir).offline, name);
  const { organisation } = readSettings(dir);
  const { keys } = newestEntity(dir).document;
  const [same, others] = [
    keys.filter((one) => one.purposes.includes(name)),
    keys.filter((one) => !one.purposes.includes(name)),
  ];
  const [old, ...earlier] = same;
  if (!old) return refuse('unknown_key', { clause: name });
  const key = newPrivateKey();
  const next = { key: publicJwkOf(key), purposes: old.purposes };
  const kept = (compromised ? earlier : same).slice(0, EARLIER_NAMED);
  await nextEntity(dir, now, { keys: [next, ...kept, ...others] });
  const signer =
    name === 'certify' ? keySigner(organisation, key) : readSigner(layout(dir).offline, 'certify', organisation);
  await recertify(dir, signer, now);
  replaceKeyFile(layout(dir).offline, name, key);
  if (name === 'certify') await mapRolesAgain(dir, now);
  return allow({ before: thumbprintOf(old.key), after: thumbprintOf(next.key) });
}

/** The mapping ends with the key that signed it. */
async function mapRolesAgain(dir: string, now: Instant): Promise<void> {
  const mapping = readRoleMapping(dir)?.document;
  const mapped = mapping ? await signRoleMapping(dir, mapping, now) : undefined;
  if (mapped && !mapped.allowed) throw new Error(`the role mapping does not hold: ${mapped.refusal.code}`);
}
