import { createHmac } from 'node:crypto';
import {
  allow,
  type Batch,
  compileMinimise,
  type DataTerm,
  type Decision,
  type Digest,
  type Instant,
  type LocalId,
  type Minimised,
  refuse,
  type VerifiedChain,
} from '@interlock/domain';
import { digestOf, type KeyRing, type KnownKey, seal } from '@interlock/proof';
import type { Provisioned } from '../provisioning.js';
import { type PickUp, pickUp } from './pick-up.js';
import { MOST_WAITING, type Spool } from './spool.js';

export interface SealedFlowOptions {
  readonly self: Provisioned;
  readonly chain: VerifiedChain & { readonly ring: KeyRing };
  readonly term: DataTerm;
  readonly region: LocalId;
  readonly target: { readonly host: string; readonly port: number };
  readonly spool: Spool;
  readonly now: () => Instant;
  /** Asked before every batch is sealed: a right that ended seals nothing more. */
  readonly may: () => Decision<unknown>;
  readonly onSealed: (batch: Batch, digest: Digest) => void;
  readonly onRefused: (code: string) => void;
}

const EVERY = 500;
const MOST_OBSERVATIONS = 500;

/** Picks up one machine's telemetry, keeps only what was agreed, and seals it for exactly the agreed recipients. */
export function sealedFlow(options: SealedFlowOptions): Decision<PickUp> {
  const rules = options.self.document.scrub.map((text) => ({ kind: 'identifier' as const, text }));
  const minimise = compileMinimise(options.term.keys, [...rules, ...COMPUTER_RULES], pseudonym(options.self));
  if (!minimise.allowed) return minimise;
  const recipients = recipientsOf(options);
  if (!recipients) return refuse('subject_unknown', { clause: 'recipients' });
  let waiting: Batch['observations'][number][] = [];
  let dropped = 0;
  let sealing: Promise<void> = Promise.resolve();
  const flush = (): void => {
    if (waiting.length === 0 || options.spool.waiting().length >= MOST_WAITING) return;
    const observations = waiting.splice(0, MOST_OBSERVATIONS);
    const count = dropped;
    dropped = 0;
    sealing = sealing
      .then(() => sealBatch(options, recipients, observations, count))
      .catch(() => options.onRefused('evidence_unavailable'));
  };
  const take = (observed: Minimised): void => {
    for (const { at, key, value } of observed.leaving) waiting.push({ at, key, value });
    for (const { count } of observed.dropped) dropped += count;
    // A machine that talks faster than batches are sealed is bounded here, not in memory.
    if (waiting.length > 20 * MOST_OBSERVATIONS) waiting = waiting.slice(-20 * MOST_OBSERVATIONS);
    if (waiting.length >= MOST_OBSERVATIONS) flush();
  };
  const timer = setInterval(flush, EVERY);
  const source = pickUp(options.target, minimise.value, take);
  return allow({
    stop: () => {
      clearInterval(timer);
      source.stop();
      waiting = [];
    },
  });
}

/** What controls say about the computer they run on, whoever is logged in today. */
const COMPUTER_RULES = [
  ...['User Name', 'Machine Name', 'Domain Name', 'Serial Number'].map((name) => ({
    kind: 'named-field' as const,
    name,
  })),
  { kind: 'email' as const },
];

/** Keyed with the gateway's own key: a plain hash of `operator-17` is found by trying all operators. */
function pseudonym(self: Provisioned): (key: string, value: string) => string {
  const secret = self.key.export({ format: 'der', type: 'pkcs8' });
  return (key, value) => createHmac('sha256', secret).update(`${key}\0${value}`).digest('base64url').slice(0, 22);
}

function recipientsOf({ chain, term, now }: SealedFlowOptions): readonly KnownKey[] | undefined {
  const at = now();
  const found = term.recipients.map((organisation) => {
    const holder = organisation === chain.subjectSide ? chain.subject.id : TAP;
    return (
      chain.ring
        .held(organisation, 'workload', holder)
        .filter((key) => key.purposes.includes('open') && key.notBefore <= at && at < key.notAfter)
        // Verified thing, used thing: the subject's batches are sealed to the very key that was judged, not to another of its keys.
        .filter((key) => organisation !== chain.subjectSide || key.kid === chain.jkt)
        .sort((a, b) => b.notBefore - a.notBefore)[0]
    );
  });
  return found.every((key) => key !== undefined) ? found : undefined;
}

/** The workload that opens the owner's own copy of what leaves. */
const TAP = 'telemetry-pipeline' as LocalId;

async function sealBatch(
  options: SealedFlowOptions,
  recipients: readonly KnownKey[],
  observations: Batch['observations'],
  dropped: number,
): Promise<void> {
  const may = options.may();
  if (!may.allowed) return options.onRefused(may.refusal.code);
  const { self, chain, term, region, spool } = options;
  const { sequence, previous } = spool.next;
  const batch: Batch = {
    typ: 'batch',
    v: 1,
    agreement: chain.agreementDigest,
    grant: chain.grantDigest,
    flow: chain.grant.id,
    gateway: { organisation: self.organisation, id: self.gateway },
    machine: term.resource,
    product: term.product,
    region,
    sequence,
    previous,
    recipients: recipients.map((key) => ({ organisation: key.organisation, kid: key.kid })),
    observations,
    dropped,
    sealedAt: Math.floor(options.now()),
  };
  const sealed = await seal(batch, recipients, self.signer, options.now());
  const digest = digestOf(batch);
  spool.put(sequence, digest, sealed);
  options.onSealed(batch, digest);
}
