import type { KeyObject } from 'node:crypto';
import { type BrokerClient, linkRegion, shownBy } from '@interlock/company-side';
import { busUser } from '@interlock/contracts';
import {
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  type LocalId,
  type OrganisationId,
  refuse,
  regionTerm,
  type Thumbprint,
} from '@interlock/domain';
import { type KeyRing, newNkey, type OpenedBatch, type SealRefusal, unseal } from '@interlock/proof';
import type { NatsConnection } from '@nats-io/transport-node';

/** A private key that opens what was sealed to it. */
export interface OpeningKey {
  readonly kid: Thumbprint;
  readonly key: KeyObject;
}

export interface PullRequest {
  readonly broker: BrokerClient;
  readonly organisation: OrganisationId;
  readonly agreement: Agreement;
  /** The keys that count now: asked for every batch, so that a key that was revoked meanwhile opens none (`KeysThatCount`). */
  readonly ring: () => KeyRing;
  readonly region: LocalId;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly opener: OpeningKey;
  /** Keys that were certified before this one: what waits may still be sealed to them. */
  readonly olderOpeners?: readonly OpeningKey[];
  readonly now: () => number;
}

export interface Pulled {
  readonly opened: Decision<OpenedBatch, SealRefusal>;
  /** Tells the region that this batch is kept; without it the batch comes again. */
  acknowledge(): void;
}

export interface SealedPull {
  /** Waits at most `milliseconds` for the next batches. What the bus delivers is a stranger's until `opened` says otherwise. */
  next(most: number, milliseconds: number): Promise<readonly Pulled[]>;
  close(): Promise<void>;
}

/** Opens a pull of everything sealed to this organisation under one agreement, at an endpoint whose key both companies signed. */
export async function pullSealed(request: PullRequest): Promise<Decision<SealedPull>> {
  const agreed = regionTerm(request.agreement, request.region);
  if (!agreed) return refuse('region_not_agreed');
  const shown = await shownBy(request.endpoint);
  if (!agreed.endpointKeys.includes(shown.key)) return refuse('endpoint_not_agreed');
  const key = newNkey('user');
  const ask = {
    region: request.region,
    agreementId: request.agreement.id as AgreementId,
    role: 'recipient',
    nkey: key.publicKey,
  };
  const user = await request.broker.post('/v1/regions/users', ask, busUser);
  if (!user.allowed) return user;
  const { jwt, inboxPrefix, pulls } = user.value;
  const link = await linkRegion(request.endpoint, shown, { jwt, key, inboxPrefix });
  if (!link.allowed) return link;
  return allow({
    next: (most, milliseconds) => nextOf(request, link.value.connection, pulls, most, milliseconds),
    close: () => link.value.close(),
  });
}

async function nextOf(
  request: PullRequest,
  connection: NatsConnection,
  pulls: readonly { readonly next: string }[],
  most: number,
  milliseconds: number,
): Promise<readonly Pulled[]> {
  const got: Pulled[] = [];
  for (const { next } of pulls) {
    const ask = JSON.stringify({ batch: most, expires: milliseconds * 1_000_000 });
    // Messages keep the subject they were stored under, so the client's one inbox for all answers would not know them.
    const options = { strategy: 'count', maxMessages: most, maxWait: milliseconds + 250, noMux: true } as const;
    for await (const message of await connection.requestMany(next, ask, options)) {
      // A status instead of a message: there are no more now.
      if (message.headers?.code) break;
      if (!message.reply || message.data.length === 0) continue;
      const opened = await open(request, json(message.data));
      got.push({ opened, acknowledge: () => connection.publish(message.reply ?? '', '') });
    }
  }
  return got;
}

async function open(request: PullRequest, sealed: unknown): Promise<Decision<OpenedBatch, SealRefusal>> {
  const { organisation, ring, agreement, olderOpeners = [] } = request;
  let last = await unseal(sealed, { organisation, ...request.opener }, ring(), request.now(), agreement);
  for (const older of olderOpeners) {
    if (last.allowed || last.refusal.code !== 'not_a_recipient') return last;
    last = await unseal(sealed, { organisation, ...older }, ring(), request.now(), agreement);
  }
  return last;
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
