import {
  type BrokerClient,
  BrokerUnavailable,
  type Endpoint,
  type Log,
  linkRegion,
  type RegionLink,
  shownBy,
} from '@interlock/company-side';
import { busUser } from '@interlock/contracts';
import { allow, type DataTerm, type Decision, refuse, route, type VerifiedChain } from '@interlock/domain';
import { nkeys } from '@nats-io/transport-node';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { Spool } from './spool.js';

export interface DeliveryOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly book: EvidenceBook;
  readonly broker: BrokerClient;
  readonly chain: VerifiedChain;
  readonly term: DataTerm;
  readonly endpoint: Endpoint & { readonly region: DataTerm['regions'][number] };
  readonly spool: Spool;
  readonly flow: string;
}

export interface Delivery {
  /** Something waits in the spool. */
  kick(): void;
  stop(): Promise<void>;
}

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;

/**
 * Carries sealed batches from the spool to the agreed region, in order. A batch leaves the spool when the region has it on disk; what
 * is sent twice carries the same message id and is dropped there.
 */
export function startDelivery(options: DeliveryOptions): Delivery {
  let stopped = false;
  let running = false;
  let again = false;
  let pause = FIRST_PAUSE;
  let retry: NodeJS.Timeout | undefined;
  let linked: { link: RegionLink; subject: string; until: number } | undefined;

  const close = async (): Promise<void> => {
    const old = linked;
    linked = undefined;
    await old?.link.close().catch(() => undefined);
  };
  const run = async (): Promise<void> => {
    if (stopped || running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    try {
      await carry();
      pause = FIRST_PAUSE;
    } catch (cause) {
      options.log.warn(
        { event: 'delivery.waits', region: options.endpoint.region, detail: (cause as Error).message },
        'region cannot be reached, batches wait',
      );
      await close();
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      again = true;
    } finally {
      running = false;
    }
    if (again && !stopped) retry = setTimeout(() => void run(), pause);
  };
  const carry = async (): Promise<void> => {
    for (let batch = options.spool.waiting(); batch.length > 0 && !stopped; batch = options.spool.waiting()) {
      if (linked && linked.until <= options.clock.now()) await close();
      linked ??= await connectAgreed(options);
      for (const { name, bytes } of batch) {
        if (stopped) return;
        const message = JSON.parse(bytes.toString('utf8')) as { digest: string; sealed: unknown };
        await linked.link.stream.publish(linked.subject, JSON.stringify(message.sealed), { msgID: message.digest });
        options.spool.done(name);
        await delivered(options, message.digest);
      }
    }
  };
  return {
    kick: () => void run(),
    stop: async () => {
      stopped = true;
      clearTimeout(retry);
      await close();
    },
  };
}

async function delivered({ book, chain, clock, flow, term, endpoint }: DeliveryOptions, digest: string): Promise<void> {
  const documents = [digest] as (typeof chain.documents)[number][];
  const said = {
    kind: 'flow.delivered',
    outcome: 'delivery',
    at: clock.now(),
    session: flow,
    resource: term.resource,
    region: endpoint.region,
    recipients: term.recipients,
    documents,
    count: 1,
    clause: term.type,
  } as const;
  await book.note(chain.agreement.id, chain, said, false);
}

/** Connects only to an endpoint whose key both companies signed. Throws where that cannot be now: batches wait at the edge. */
async function connectAgreed(options: DeliveryOptions): Promise<{ link: RegionLink; subject: string; until: number }> {
  const shown = await shownBy(options.endpoint);
  const agreed = route(options.chain.agreement, options.term, options.endpoint.region, shown.key);
  if (!agreed.allowed) {
    const said = {
      kind: 'flow.refused',
      outcome: 'deny',
      at: options.clock.now(),
      session: options.flow,
      code: agreed.refusal.code,
    } as const;
    await options.book.note(options.chain.agreement.id, options.chain, said, false);
    throw new Error(agreed.refusal.code);
  }
  const user = await askForUser(options);
  if (!user.allowed) throw new BrokerUnavailable(user.refusal.code);
  const { jwt, inboxPrefix, subject, seed, expiresAt } = user.value;
  const link = await linkRegion(options.endpoint, shown, { jwt, seed, inboxPrefix });
  if (!link.allowed) throw new Error(link.refusal.code);
  return { link: link.value, subject, until: expiresAt * 1000 - 30_000 };
}

async function askForUser({
  broker,
  chain,
  endpoint,
  flow,
}: DeliveryOptions): Promise<
  Decision<{ jwt: string; inboxPrefix: string; subject: string; seed: Uint8Array; expiresAt: number }>
> {
  const nkey = nkeys.createUser();
  const ask = {
    region: endpoint.region,
    agreementId: chain.agreement.id,
    role: 'publisher',
    nkey: nkey.getPublicKey(),
  };
  const user = await broker.post('/v1/regions/users', ask, busUser);
  if (!user.allowed) return user;
  const subject = user.value.flows.find((one) => one.flowId === flow)?.subject;
  if (!subject) return refuse('action_not_agreed', { clause: flow });
  const { jwt, inboxPrefix, expiresAt } = user.value;
  return allow({ jwt, inboxPrefix, subject, seed: nkey.getSeed(), expiresAt });
}
