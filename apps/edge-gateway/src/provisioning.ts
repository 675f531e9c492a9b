import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PSEUDONYM_KEY } from '@interlock/company-side';
import {
  HTTPS_ELSEWHERE,
  isSafeWebAddress,
  provisioning,
  signed,
  signedCertificate,
  signedEntity,
} from '@interlock/contracts';
import type { KeyCertificate, LocalId, OrganisationId, Provisioning, Purpose, Signed } from '@interlock/domain';
import {
  type KeyRing,
  keySigner,
  type Pins,
  privateKeyFromPem,
  type Signer,
  thumbprintOf,
  trust,
  verifyDocument,
} from '@interlock/proof';

/** What the gateway's own company gave it: who it is, whom it may believe, what it enforces for, where it may dial. */
export interface Provisioned {
  readonly organisation: OrganisationId;
  readonly gateway: LocalId;
  readonly pins: Pins;
  readonly resources: readonly LocalId[];
  /** What its own company certified its key for: `enforce` in the plant, `inspect` in a region. */
  readonly purposes: readonly Purpose[];
  readonly document: Provisioning;
  readonly key: KeyObject;
  readonly signer: Signer;
  /** The company's key for pseudonyms; without it no agreement that asks for them gets a flow here. */
  readonly pseudonymKey?: Uint8Array | undefined;
  /** For the plant's own MQTT broker, where it asks for one. */
  readonly mqttPassword?: string | undefined;
}

/**
 * Reads `provisioning.json`, `entity.json`, `certificate.json` and `key.pem` from the gateway's folder and verifies that its own
 * company signed them. Throws with what to do when anything is missing or does not fit: the gateway then does not start.
 */
export async function readProvisioning(folder: string, now: number): Promise<Provisioned> {
  const bundle = signed(provisioning).parse(readJson(folder, 'provisioning.json'));
  const certificate = signedCertificate.parse(readJson(folder, 'certificate.json'));
  const document: Provisioning = bundle.document;
  const { organisation, gateway } = document;
  if (!isSafeWebAddress(document.broker.origin)) throw again(folder, `the broker's origin ${HTTPS_ELSEWHERE}`);
  const pins: Pins = new Map(document.pins.map((pin) => [pin.organisation, pin.root]));
  const ring = await ownRing(folder, certificate, pins, now);
  const demand = { issuer: organisation, purpose: 'certify' as const };
  const verified = await verifyDocument('provisioning', bundle, ring, [demand], now, { expiredMayNarrow: true });
  if (!verified.allowed) throw again(folder, `provisioning.json does not verify (${verified.refusal.code})`);
  const key = privateKeyFromPem(readFileSync(join(folder, 'key.pem'), 'utf8'));
  const signer = keySigner(organisation, key);
  const { holder, key: certified, resources, purposes } = certificate.document;
  if (thumbprintOf(certified) !== signer.kid || holder.kind !== 'gateway' || holder.id !== gateway)
    throw again(folder, 'certificate.json is not for this gateway and this key');
  const pseudonymKey = readPseudonymKey(folder);
  const mqttPassword = readMqttPassword(folder);
  return { organisation, gateway, pins, resources, purposes, document, key, signer, pseudonymKey, mqttPassword };
}

/** The keys of the gateway's own company, followed from its pinned root. */
async function ownRing(folder: string, certificate: Signed<KeyCertificate>, pins: Pins, now: number): Promise<KeyRing> {
  const entity = signedEntity.parse(readJson(folder, 'entity.json'));
  const ring = await trust([entity], [certificate], pins, now);
  if (!ring.allowed) throw again(folder, `the company's own documents do not verify (${ring.refusal.code})`);
  return ring.value;
}

/** 32 bytes of the company, the same at each of its gateways. */
function readPseudonymKey(folder: string): Uint8Array | undefined {
  const file = join(folder, PSEUDONYM_KEY);
  if (!existsSync(file)) return undefined;
  const key = readFileSync(file);
  if (key.length !== 32) throw again(folder, `${PSEUDONYM_KEY} is not whole`);
  return key;
}

/** Written by whoever runs the plant's broker, and by nobody else. */
function readMqttPassword(folder: string): string | undefined {
  const file = join(folder, 'mqtt.password');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : undefined;
}

const again = (folder: string, why: string): Error => new Error(`${folder}: ${why}; provision the gateway again`);

function readJson(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch (cause) {
    throw new Error(`${join(folder, name)} is missing or unreadable; run "interlock gateway provision"`, { cause });
  }
}
