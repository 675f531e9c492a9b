import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { provisioning, signed, signedCertificate, signedEntity } from '@interlock/contracts';
import type { LocalId, OrganisationId, Provisioning } from '@interlock/domain';
import {
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
  readonly document: Provisioning;
  readonly key: KeyObject;
  readonly signer: Signer;
}

/**
 * Reads `provisioning.json`, `entity.json`, `certificate.json` and `key.pem` from the gateway's folder and verifies that its own
 * company signed them. Throws with what to do when anything is missing or does not fit: the gateway then does not start.
 */
export async function readProvisioning(folder: string, now: number): Promise<Provisioned> {
  const bundle = signed(provisioning).parse(readJson(folder, 'provisioning.json'));
  const entity = signedEntity.parse(readJson(folder, 'entity.json'));
  const certificate = signedCertificate.parse(readJson(folder, 'certificate.json'));
  const document: Provisioning = bundle.document;
  const pins: Pins = new Map(document.pins.map((pin) => [pin.organisation, pin.root]));
  const ring = await trust([entity], [certificate], pins, now);
  if (!ring.allowed)
    throw new Error(
      `${folder}: the company's own documents do not verify (${ring.refusal.code}); provision the gateway again`,
    );
  const verified = await verifyDocument(
    'provisioning',
    bundle,
    ring.value,
    [{ issuer: document.organisation, purpose: 'certify' }],
    now,
    {
      expiredMayNarrow: true,
    },
  );
  if (!verified.allowed)
    throw new Error(
      `${folder}: provisioning.json does not verify (${verified.refusal.code}); provision the gateway again`,
    );
  const key = privateKeyFromPem(readFileSync(join(folder, 'key.pem'), 'utf8'));
  const signer = keySigner(document.organisation, key);
  const held = certificate.document;
  const mine =
    thumbprintOf(held.key) === signer.kid && held.holder.kind === 'gateway' && held.holder.id === document.gateway;
  if (!mine)
    throw new Error(`${folder}: certificate.json is not for this gateway and this key; provision the gateway again`);
  return {
    organisation: document.organisation,
    gateway: document.gateway,
    pins,
    resources: held.resources,
    document,
    key,
    signer,
  };
}

function readJson(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch (cause) {
    throw new Error(`${join(folder, name)} is missing or unreadable; run "interlock gateway provision"`, { cause });
  }
}
