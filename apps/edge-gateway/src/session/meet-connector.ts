import { acceptSession, type GatewaySession, type SessionEnd } from '@interlock/company-side';
import {
  type AgreementId,
  actionParts,
  allow,
  boundsOf,
  type Decision,
  type GrantId,
  type Receipt,
  type Refusal,
  refuse,
  type Signed,
  safetyNotice,
  tooManySessions,
} from '@interlock/domain';
import type { CosignWatch } from '../evidence/cosign-watch.js';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import { filterFor } from '../function/function-filters.js';
import { RefusedFunctions } from '../function/refused-functions.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Lockout } from '../plant/lockout.js';
import type { Provisioned } from '../provisioning.js';
import type { HeldAgreement } from '../standing/held-agreement.js';
import { type Admitted, stillAllowed, targetOf, workingDeadline } from './admit-session.js';
import type { InTurns } from './in-turns.js';
import type { KeptOffers } from './kept-offers.js';
import type { OwnPoint } from './own-point.js';
import { closingReceipt, openingReceipt } from './receipts.js';
import { SaidNo } from './said-no.js';
import type { Uses } from './uses.js';
import type { WorkingTime } from './working-time.js';

export interface MeetingOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly lockout: Lockout;
  readonly book: EvidenceBook;
  readonly uses: Uses;
  readonly working: WorkingTime;
  readonly watch: CosignWatch;
  /** Sessions that are met again after a loss, because safety rests on them. */
  readonly kept: KeptOffers;
  readonly held: (agreement: AgreementId) => HeldAgreement | undefined;
  /** Whether the broker can be reached; uses whose agreement says `closed` end when it cannot. */
  readonly online: () => boolean;
  /** What the own company's decision point says before something opens. */
  readonly point: OwnPoint;
  readonly leaf: () => { readonly key: string; readonly cert: string };
  /** Where the last words on ended sessions are made. */
  readonly ends: InTurns;
}

export interface LiveSession {
  readonly admitted: Admitted;
  /** Ends it in this turn. The connector hears what its company may hear of why. */
  cut(why: Refusal): void;
}

export interface Meeting {
  readonly tunnel: GatewaySession;
  /** Whether a session came of it. */
  readonly met: Promise<boolean>;
  /** Resolves when the end of the session is on disk, or could not be written. */
  readonly ended: Promise<void>;
}

/**
 * Meets the connector of an admitted offer at the relay. The session enters `live` only after the connector has shown the key that was
 * judged and the allow record is on disk, and leaves it before anything is written about its end.
 */
export function meetConnector(options: MeetingOptions, admitted: Admitted, live: Map<string, LiveSession>): Meeting {
  const { offer } = admitted;
  const refused = refusedFunctions(options, admitted);
  let over = false;
  const no = new SaidNo(admitted.chain.subject.organisation);
  let made: Promise<Signed<Receipt>> | undefined;
  // One receipt for the connector and the book: both hold the same words.
  const lastReceipt = ({ code, bytes }: SessionEnd) =>
    (made ??= options.ends.run(() => closingReceipt(options, admitted, code, bytes)));
  const tunnel: GatewaySession = acceptSession({
    relay: offer.relay,
    rendezvous: offer.rendezvous,
    tls: options.leaf(),
    expectedPeer: admitted.chain.jkt,
    onHello: async (hello, peer) => {
      // The connector must bring, inside the encrypted session and with the subject's own key, exactly what was judged.
      if (peer !== admitted.chain.jkt) return refuse('not_the_holder');
      if (hello.ticket !== offer.ticket || hello.loginProof !== offer.loginProof) return refuse('no_ticket');
      const open = () => openSessions(live, admitted.chain.grant.id);
      const word = await opening(options, admitted, open, (entering) => {
        // A connector that left while the record was being written must not stay in the list as a session nobody can end.
        if (!over) live.set(offer.session, { admitted: entering, cut: (inFull) => tunnel.close(no.say(inFull).code) });
      });
      return word.allowed ? word : { allowed: false, refusal: no.say(word.refusal) };
    },
    onOpen: async (service) => openingStream(options, admitted, live, service, refused.note),
    onReceipt: (receipt) => void options.book.keepReceipt(admitted, receipt),
    closingReceipt: lastReceipt,
  });
  const met = tunnel.opened.then((word) => {
    // Who waits for a machine that is away waits again and again, and that is no refusal.
    if (!word.allowed && !admitted.use.resumed) void options.book.refused(offer, no.explain(word.refusal));
    return word.allowed;
  });
  const ended = tunnel.closed.then(async (end) => {
    over = true;
    live.delete(offer.session);
    refused.flush();
    if (end.code === 'ended_by_subject') options.kept.forget(offer.session);
    if (await met) await options.book.closed(admitted, no.explain(end), end.bytes, await lastReceipt(end));
  });
  return { tunnel, met, ended };
}

/** How many sessions of a grant, with all that was handed on from it, are open. */
export function openSessions(live: ReadonlyMap<string, LiveSession>, grant: GrantId): number {
  let open = 0;
  for (const { admitted } of live.values()) if (admitted.chain.grant.id === grant) open += 1;
  return open;
}

/** The last look before the first byte; the allow record is on disk before the welcome is sent. */
async function opening(
  options: MeetingOptions,
  admitted: Admitted,
  open: () => number,
  enter: (entering: Admitted) => void,
) {
  const { book, clock } = options;
  const { agreement, grant } = admitted.chain;
  const rights = boundsOf(admitted.chain);
  const again = (): Decision<unknown> => {
    if (options.lockout.isSet()) return refuse('lockout');
    const spent = admitted.use.resumed ? undefined : options.uses.spent(rights);
    if (spent) return refuse('uses_spent', { clause: spent });
    // Asked in the turn in which the session enters the list, so that two openings at once cannot both be the last.
    if (tooManySessions(agreement, grant.kind, open())) return refuse('too_many_sessions', { clause: 'sessions' });
    const held = options.held(admitted.use.agreement.id);
    return held ? stillAllowed(admitted, held, clock, options.online()) : refuse('lease_over');
  };
  const before = again();
  if (!before.allowed) return before;
  const receipt = await openingReceipt(options, admitted);
  const written = await book.opened(admitted, receipt);
  if (!written.allowed) return written;
  // A cut may have come while the record was being written.
  const after = again();
  if (!after.allowed) return after;
  // Counted in the turn of the last look, so that two openings at once cannot share the last use.
  if (!admitted.use.resumed && !options.uses.take(rights)) return refuse('evidence_unavailable');
  const entering = atWork(options, admitted);
  if (!entering) return refuse('evidence_unavailable');
  // In the turn of the last look: a cut that comes after it finds the session in the list.
  enter(entering);
  return allow({
    endsAt: endOfUse(entering),
    approvedBy: admitted.chain.approvers.map((approver) => approver.id),
    receipt,
  });
}

async function openingStream(
  options: MeetingOptions,
  admitted: Admitted,
  live: ReadonlyMap<string, LiveSession>,
  service: string,
  onRefused: (functionName: string) => void,
) {
  if (!live.has(admitted.offer.session)) return refuse('taken_away');
  if (service !== admitted.ask.action) return refuse('outside_grant', { clause: service });
  const parts = actionParts(admitted.ask.action);
  if (!parts) return refuse('outside_grant', { clause: service });
  const target = targetOf(options.self, admitted.ask.resource.id, parts.service);
  if (!target) return refuse('not_on_provisioning_list', { clause: service });
  const filter = filterFor(parts, target);
  // A right to a part that nothing here can tell apart is a right to none.
  if (filter === undefined) return refuse('outside_grant', { clause: service });
  const { host, port, from } = target;
  return allow({ host, port, from, ...(filter && { filter: filter(onRefused) }) });
}

/** What this session asked the machine to do and may not: evidence, with counts. */
function refusedFunctions({ book, clock }: MeetingOptions, { chain, ask, offer }: Admitted): RefusedFunctions {
  const about = { session: offer.session, resource: ask.resource, code: 'function_not_granted' };
  return new RefusedFunctions((clause, count) => {
    const said = { kind: 'function.refused', outcome: 'deny', at: clock.now(), clause, count, ...about } as const;
    void book.note(chain.agreement.id, chain, said, false);
  });
}

/** The session with the end of the work that it begins, or that another one began before it; undefined where that is not on disk. */
function atWork({ working, clock, kept }: MeetingOptions, admitted: Admitted): Admitted | undefined {
  const { chain, use, admittedAt } = admitted;
  const resumed = safetyNotice(use.agreement, use.grant.kind, use.resource) !== undefined;
  if (use.workingEnd === undefined && !resumed) return admitted;
  const begunAt = working.begin(chain.grant, clock.now());
  if (begunAt === undefined || (resumed && !kept.keep(admitted.offer))) return undefined;
  const workingEnd = use.workingEnd === undefined ? undefined : workingDeadline(chain, begunAt, admittedAt);
  return { ...admitted, use: { ...use, workingEnd, resumed } };
}

const endOfUse = ({ use, admittedAt }: Admitted): number =>
  Math.floor(
    admittedAt.now +
      (Math.min(use.windowEnd, use.workingEnd ?? use.windowEnd, use.loginEnd ?? use.windowEnd) - admittedAt.monotonic),
  );
