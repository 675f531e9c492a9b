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
import { type KeyRing, type OpenedBatch, type SealRefusal, unseal } from '@interlock/proof';
import { type NatsConnection, nkeys } from '@nats-io/transport-node';

export interface PullRequest {
  readonly broker: BrokerClient;
  readonly organisation: OrganisationId;
  readonly agreement: Agreement;
  readonly ring: KeyRing;
  readonly region: LocalId;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly opener: { readonly kid: Thumbprint; readonly key: KeyObject };
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
  const nkey = nkeys.createUser();
  const ask = {
    region: request.region,
    agreementId: request.agreement.id as AgreementId,
    role: 'recipient',
    nkey: nkey.getPublicKey(),
  };
  const user = await request.broker.post('/v1/regions/users', ask, busUser);
  if (!user.allowed) return user;
  const { jwt, inboxPrefix, pulls } = user.value;
  const link = await linkRegion(request.endpoint, shown, { jwt, seed: nkey.getSeed(), inboxPrefix });
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
      const opener = { organisation: request.organisation, ...request.opener };
      const opened = await unseal(json(message.data), opener, request.ring, request.now());
      got.push({ opened, acknowledge: () => connection.publish(message.reply ?? '', '') });
    }
  }
  return got;
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
