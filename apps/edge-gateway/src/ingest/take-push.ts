import { createHash } from 'node:crypto';
import type { Log } from '@interlock/company-side';
import { type Push, type PushAnswer, REFUSALS, type ReadEvent, type RefusalCode, readPush } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  loggedReason,
  type MachineEvent,
  mayCarry,
  type Presenter,
  type Refusal,
  type ResourceRef,
  refuse,
  type Thumbprint,
} from '@interlock/domain';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { Flows } from '../flow/flows.js';
import type { LiveFlow } from '../flow/open-flow.js';
import type { PushOutcome } from '../flow/push-queue.js';
import { RefusedFunctions } from '../function/refused-functions.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { StandingKeeper } from '../standing/keep-standing.js';
import { isTakenAway, presenterIn } from './presenter-in.js';
import type { Quarantine } from './quarantine.js';
import { type Judged, SparkplugNodes } from './sparkplug-nodes.js';

export interface TakerOptions {
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly keeper: StandingKeeper;
  readonly flows: Flows;
  readonly book: EvidenceBook;
  readonly quarantine: Quarantine;
}

/** Takes pushes of whoever holds the key `leaf`. Resolves when every event is durable or refused. */
export interface Taker {
  take(push: Push, leaf: Thumbprint): Promise<Decision<PushAnswer>>;
}

export const pushTaker = (options: TakerOptions): Taker => new FlowTaker(options);

type Outcome = Decision<PushOutcome>;

/** Claims of one kind that become findings; beyond this a flood of them says nothing new. */
const MOST_FINDINGS = 1_000;
const SPARKPLUG = /^\/v1\/machines\/[^/]+\/[^/]+\/sparkplug\//;

class FlowTaker implements Taker {
  private readonly found = new Set<string>();
  private readonly nodes = new SparkplugNodes();
  private readonly quarantined = new RefusedFunctions((name, count) => this.recordQuarantined(name, count));

  constructor(private readonly options: TakerOptions) {}

  async take(push: Push, leaf: Thumbprint): Promise<Decision<PushAnswer>> {
    const { clock, quarantine } = this.options;
    const presenters = this.presenters(leaf);
    const [presenter] = presenters.values();
    if (!presenter) return refuse('caller_unknown');
    const receivedAt = clock.now();
    const judge = (event: MachineEvent) => this.offer(event, leaf, presenters, receivedAt);
    if (SPARKPLUG.test(push.path)) return this.nodes.take(push, leaf, receivedAt, judge).then(answerOf);
    const read = readPush(push, contentName, receivedAt);
    if (!read.allowed) {
      quarantine.keep({ presenter: presenter.subject, at: receivedAt, refused: [read.refusal], body: push.body });
      this.noteQuarantined(presenters, undefined, read.refusal);
      return read;
    }
    const outcomes = await Promise.all(
      read.value.map(async (one) => ({ one, outcome: one.read.allowed ? await judge(one.read.value) : one.read })),
    );
    const refused = outcomes.flatMap(({ one, outcome }) =>
      outcome.allowed ? [] : [{ ...named(one), ...outcome.refusal }],
    );
    if (refused.length > 0) quarantine.keep({ presenter: presenter.subject, at: receivedAt, refused, body: push.body });
    for (const { one, outcome } of outcomes)
      if (!outcome.allowed)
        this.noteQuarantined(presenters, one.read.allowed ? one.read.value.machine : undefined, outcome.refusal);
    return answerOf(outcomes);
  }

  /** Whom each agreement held here knows under this key. */
  private presenters(leaf: Thumbprint): ReadonlyMap<string, Presenter> {
    const now = this.options.clock.now();
    const found = new Map<string, Presenter>();
    for (const [id, held] of this.options.keeper.agreements) {
      const presenter = presenterIn(held, leaf, now);
      if (presenter) found.set(id, presenter);
    }
    return found;
  }

  /** One event goes to every flow of its machine for which its presenter may carry; nobody names an agreement. */
  private async offer(
    event: MachineEvent,
    leaf: Thumbprint,
    presenters: ReadonlyMap<string, Presenter>,
    receivedAt: number,
  ): Promise<Outcome> {
    const { keeper, clock, flows } = this.options;
    const carried = flows.of(event.machine).flatMap((flow) => {
      const { id } = flow.judged.chain.agreement;
      const [held, presenter] = [keeper.agreements.get(id), presenters.get(id)];
      if (!held || !presenter || !mayCarry(flow.judged.chain.grant, event.machine, presenter)) return [];
      return isTakenAway(flow, held, presenter, leaf, clock.now()) ? [] : [{ flow, presenter }];
    });
    if (carried.length === 0) {
      if (!this.ownsUp(event, presenters)) return refuse('not_a_party');
      return refuse(flows.opening(event.machine) ? 'flow_opening' : (flows.elsewhere(event.machine) ?? 'no_flow'));
    }
    const outcomes = await Promise.all(
      carried.map(({ flow, presenter }) =>
        flow.source.push(event, { presenter: presenter.subject, receivedAt }).then(asAnswered),
      ),
    );
    if (event.claimedRegion) for (const { flow } of carried) await this.noteClaim(flow, event.claimedRegion);
    return together(outcomes);
  }

  /** Only who carries for this machine learns that it is there and nobody collects from it. */
  private ownsUp({ machine }: MachineEvent, presenters: ReadonlyMap<string, Presenter>): boolean {
    return [...presenters.values()].some(
      ({ subject, resources }) =>
        subject.organisation === machine.owner && (resources.includes(machine.id) || subject.id === machine.id),
    );
  }

  /** To those who agreed on flows of that machine and on nobody else's; to all who know the presenter where nobody can tell which machine it was. */
  private noteQuarantined(presenters: ReadonlyMap<string, Presenter>, machine: ResourceRef | undefined, why: Refusal) {
    const of = machine ? this.options.flows.of(machine).map(({ judged }) => judged.chain.agreement.id) : [];
    const agreed = of.filter((id) => presenters.has(id));
    for (const id of agreed.length > 0 ? agreed : presenters.keys())
      this.quarantined.note(`${id} ${loggedReason(why).code}`);
  }

  private recordQuarantined(name: string, count: number): void {
    const [id, code] = name.split(' ') as [AgreementId, string];
    const said = { kind: 'push.quarantined', outcome: 'deny', at: this.options.clock.now(), code, count } as const;
    void this.options.book.note(id, undefined, said, false);
  }

  private async noteClaim({ judged }: LiveFlow, claim: string): Promise<void> {
    const key = `${judged.chain.grant.id} ${claim}`;
    if (this.found.has(key) || this.found.size >= MOST_FINDINGS) return;
    this.found.add(key);
    const { book, clock } = this.options;
    const said = { kind: 'finding', outcome: 'finding', at: clock.now(), code: 'region_claimed' } as const;
    const { agreement, grant } = judged.chain;
    await book.note(agreement.id, judged.chain, { ...said, session: grant.id, resource: judged.term.resource }, false);
  }
}

/** What the sender can do nothing about weighs most: it comes again, and nothing has two effects. */
const TRANSIENT = new Set(['edge_full', 'evidence_unavailable', 'flow_opening', 'scanner_unavailable']);

/** What is said of the event itself. */
const OF_THE_EVENT = new Set(['label_unknown', 'event_too_large', 'scan_not_clean']);

/** A flow that ended while the event was under way says why it ended; the pusher comes again, and hears then whether it is over. */
const asAnswered = (outcome: Outcome): Outcome =>
  outcome.allowed || TRANSIENT.has(outcome.refusal.code) || OF_THE_EVENT.has(outcome.refusal.code)
    ? outcome
    : refuse('flow_opening');

function together(outcomes: readonly Outcome[]): Outcome {
  const waits = outcomes.find((one) => !one.allowed && TRANSIENT.has(one.refusal.code));
  if (waits) return waits;
  const taken = outcomes.flatMap((one) => (one.allowed ? [one.value] : []));
  if (taken.length === 0) return outcomes[0] ?? refuse('no_flow');
  return allow(taken.includes('accepted') ? 'accepted' : 'repeated');
}

function answerOf(outcomes: readonly Judged[]): Decision<PushAnswer> {
  return allow({
    events: outcomes.map(({ one, outcome }) =>
      outcome.allowed ? { ...named(one), code: outcome.value } : { ...named(one), ...saidOf(outcome.refusal) },
    ),
  });
}

const named = ({ source, id }: Pick<ReadEvent, 'source' | 'id'>) => ({ source, id });

function saidOf({ code, clause }: Refusal): { code: string; change: string } {
  const { title } = REFUSALS[code as RefusalCode] ?? REFUSALS.malformed;
  return { code, change: clause === undefined ? title : `${title} (${clause})` };
}

/** Of constant length, so that a line with a name in it is in no list of what was seen. */
const contentName = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
