import type { Log } from '@interlock/company-side';
import { acceptSession, type GatewaySession } from '@interlock/company-side';
import { type AgreementId, allow, type Decision, type Receipt, refuse } from '@interlock/domain';
import { signed } from '@interlock/proof';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Lockout } from '../plant/lockout.js';
import type { Provisioned } from '../provisioning.js';
import type { HeldAgreement } from '../standing/held-agreement.js';
import { type Admitted, admitSession, type Offer, stillAllowed, targetOf } from './admit-session.js';

export interface SessionsOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly lockout: Lockout;
  readonly book: EvidenceBook;
  readonly held: (agreement: AgreementId) => HeldAgreement | undefined;
  /** Whether the broker can be reached; uses whose agreement says `closed` end when it cannot. */
  readonly online: () => boolean;
  readonly leaf: () => { readonly key: string; readonly cert: string };
}

interface Live {
  readonly admitted: Admitted;
  readonly tunnel: GatewaySession;
}

export interface Sessions {
  /** Judges an offer and, where everything holds, meets the connector. Resolves when the meeting has begun or was refused. */
  take(offer: Offer): Promise<Decision<true>>;
  /** Closes every live session that may no longer go on, at once, and says when to look again (monotonic milliseconds). */
  review(): number;
  closeAll(code: string): number;
  readonly live: ReadonlyMap<string, { readonly admitted: Admitted }>;
}

/** More live sessions than this are refused: a small industrial computer has bounded memory. */
const MOST_SESSIONS = 1_000;
/** Offers that are judged or met at one time: each holds a chain and a socket, and the broker can send as many as it likes. */
const MOST_MEETINGS = 100;

export function sessions(options: SessionsOptions): Sessions {
  const live = new Map<string, Live>();
  const meeting = new Set<string>();
  const ticketsSeen = new Map<string, number>();
  let crowded = false;

  const end = (session: string, code: string): void => {
    const one = live.get(session);
    live.delete(session);
    // Close first: not a byte passes after this line, whatever happens to disk, database or broker. The record follows.
    one?.tunnel.close(code);
  };

  const review = (): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const [session, one] of live) {
      const held = options.held(one.admitted.use.agreement.id);
      const still = held ? stillAllowed(one.admitted, held, options.clock, options.online()) : refuse('lease_over');
      if (!still.allowed) end(session, still.refusal.code);
      else next = Math.min(next, still.value.until);
    }
    return next;
  };

  const judge = async (offer: Offer): Promise<Decision<true>> => {
    const { self, clock, book } = options;
    const held = options.held(offer.chain.agreement.document.id);
    const admitted = await admitSession(offer, { self, clock, held, ticketsSeen, locked: options.lockout.isSet() });
    if (!admitted.allowed) {
      meeting.delete(offer.session);
      await book.refused(offer, admitted.refusal);
      return admitted;
    }
    meet(options, admitted.value, live, () => meeting.delete(offer.session));
    return allow(true);
  };

  const take = async (offer: Offer): Promise<Decision<true>> => {
    // Two sessions of one name: the second would take the place of the first, and nobody could cut that one any more.
    if (live.has(offer.session) || meeting.has(offer.session)) return refuse('ticket_used', { clause: 'session' });
    if (live.size >= MOST_SESSIONS || meeting.size >= MOST_MEETINGS) {
      const refused = refuse('rate_limited');
      // One record for a crowd, not one for each in it: a flood must not fill the disk that allows need.
      if (!crowded) void options.book.refused(offer, refused.refusal);
      crowded = true;
      return refused;
    }
    crowded = false;
    meeting.add(offer.session);
    return judge(offer).catch((cause: unknown) => {
      meeting.delete(offer.session);
      throw cause;
    });
  };

  return {
    take,
    review,
    closeAll: (code) => {
      const all = [...live.keys()];
      for (const session of all) end(session, code);
      return all.length;
    },
    live,
  };
}

function meet(options: SessionsOptions, admitted: Admitted, live: Map<string, Live>, met: () => void): void {
  const { offer } = admitted;
  const tunnel: GatewaySession = acceptSession({
    relay: offer.relay,
    rendezvous: offer.rendezvous,
    tls: options.leaf(),
    expectedPeer: admitted.chain.jkt,
    onHello: async (hello, peer) => {
      // The connector must bring, inside the encrypted session and with the subject's own key, exactly what was judged.
      if (peer !== admitted.chain.jkt) return refuse('not_the_holder');
      if (hello.ticket !== offer.ticket || hello.loginProof !== offer.loginProof) return refuse('no_ticket');
      return opening(options, admitted, () => live.set(offer.session, { admitted, tunnel }));
    },
    onOpen: async (service) => openingStream(options, admitted, live, service),
    onReceipt: (receipt) => void options.book.keepReceipt(admitted, receipt),
    closingReceipt: ({ code, bytes }) => closingReceipt(options, admitted, code, bytes),
  });
  let welcomed = false;
  void tunnel.opened.then((word) => {
    met();
    welcomed = word.allowed;
    if (!word.allowed) void options.book.refused(offer, word.refusal);
  });
  void tunnel.closed.then(({ code, bytes }) => {
    live.delete(offer.session);
    if (welcomed) void closed(options, admitted, code, bytes);
  });
}

/** The last look before the first byte; the allow record is on disk before the welcome is sent. */
async function opening(options: SessionsOptions, admitted: Admitted, enter: () => void) {
  const { book, clock, self } = options;
  const again = (): Decision<unknown> => {
    if (options.lockout.isSet()) return refuse('lockout');
    const held = options.held(admitted.use.agreement.id);
    return held ? stillAllowed(admitted, held, clock, options.online()) : refuse('lease_over');
  };
  const before = again();
  if (!before.allowed) return before;
  const receipt = await signed(receiptOf(options, admitted, 'opening', null, 0), self.signer, clock.now());
  const written = await book.opened(admitted, receipt);
  if (!written.allowed) return written;
  // A cut may have come while the record was being written.
  const after = again();
  if (!after.allowed) return after;
  enter();
  return allow({
    endsAt: windowEnd(admitted),
    approvedBy: admitted.chain.approvers.map((approver) => approver.id),
    receipt,
  });
}

async function openingStream(
  options: SessionsOptions,
  admitted: Admitted,
  live: ReadonlyMap<string, Live>,
  service: string,
) {
  if (!live.has(admitted.offer.session)) return refuse('taken_away');
  if (service !== admitted.ask.action) return refuse('outside_grant', { clause: service });
  const target = targetOf(options.self, admitted.ask.resource.id, admitted.ask.action);
  return target ? allow(target) : refuse('not_on_provisioning_list', { clause: service });
}

const closingReceipt = (options: SessionsOptions, admitted: Admitted, code: string, bytes: number) =>
  signed(receiptOf(options, admitted, 'closing', code, bytes), options.self.signer, options.clock.now());

async function closed(options: SessionsOptions, admitted: Admitted, code: string, bytes: number): Promise<void> {
  await options.book.closed(admitted, code, bytes, await closingReceipt(options, admitted, code, bytes));
}

const windowEnd = ({ use, admittedAt }: Admitted): number =>
  Math.floor(admittedAt.now + (use.windowEnd - admittedAt.monotonic));

function receiptOf(
  options: SessionsOptions,
  { chain, offer, ask }: Admitted,
  moment: Receipt['moment'],
  code: string | null,
  bytes: number,
): Receipt {
  return {
    typ: 'receipt',
    v: 1,
    moment,
    by: 'gateway',
    session: offer.session,
    grant: chain.grantDigest,
    agreement: chain.agreementDigest,
    subject: chain.subject,
    resource: ask.resource,
    gateway: { organisation: options.self.organisation, id: options.self.gateway },
    jkt: chain.jkt,
    at: Math.floor(options.clock.now()),
    code,
    bytes,
  };
}
