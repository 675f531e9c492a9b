import { Fault } from '@interlock/chassis';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { AskOf, DecisionGiven, EvaluationAsk, ReplyOf, SearchAccess } from '@interlock/contracts';
import {
  answer,
  type Instant,
  type LocalId,
  loggedReason,
  type OrganisationId,
  type ResourceRef,
  reasonFor,
  type SubjectRef,
  type Thumbprint,
  type VerifiedChain,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { changesFrom, type Explanation, writeDecisions } from '../store/decision.store.js';
import type { Said } from '../store/evidence.store.js';
import type { Verbs } from '../verbs.js';
import { Snapshot } from './snapshot.js';

type SearchAsk = AskOf<typeof SearchAccess>;
type Found = ReplyOf<typeof SearchAccess>;
type Question = EvaluationAsk['questions'][number];

interface Waiting {
  readonly ask: EvaluationAsk;
  given(answers: DecisionGiven[]): void;
  failed(thrown: unknown): void;
}

/** What one call was told, and what is written about it. */
interface Told {
  readonly answers: DecisionGiven[];
  readonly said: Said[];
  readonly reasons: Explanation[];
}

/** Decisions in one transaction; the others wait for the next one, a few milliseconds. */
const MOST_IN_A_GROUP = 1_000;
/** So often may something change while it is looked at before the answer is "not now". */
const ATTEMPTS = 5;
/** Nobody holds a key that is not shown: where the asker does not say which key it saw, possession is its own matter. */
const NOT_SHOWN = '' as Thumbprint;

/**
 * The broker's decision service. What it says is advice for the enforcement points of others: no gateway of ours rests on it. Answers
 * of a group are given when the one transaction with their evidence, and with the look for changes, has been committed.
 */
export class Decisions {
  private readonly snapshot: Snapshot;
  private waiting: Waiting[] = [];
  private busy = false;

  constructor(private readonly verbs: Verbs) {
    this.snapshot = new Snapshot(verbs);
  }

  evaluate(asks: readonly EvaluationAsk[]): Promise<DecisionGiven[][]> {
    const all = asks.map(
      (ask) => new Promise<DecisionGiven[]>((given, failed) => this.waiting.push({ ask, given, failed })),
    );
    if (!this.busy) void this.work();
    return Promise.all(all);
  }

  /** Searches give names that a question would be answered yes for; they are no decisions and leave no evidence. */
  async search({ asker, subject, subjectKind, action, resource }: SearchAsk): Promise<Found> {
    await this.fresh([asker]);
    const { rights } = this.snapshot;
    if (!subject) {
      const named = resource && action ? rights.subjectsOf(asker, resource) : [];
      const wanted = named.filter((one) => one.kind === subjectKind);
      return { ...NOBODY, subjects: wanted.filter((one) => this.may(asker, one, action, resource)) };
    }
    const reach = rights.reachOf(asker, subject);
    if (!resource) {
      const found = reach.map((one) => one.resource).filter((one) => this.may(asker, subject, action, one));
      return { ...NOBODY, resources: unique(found) };
    }
    const named = new Set(reach.flatMap((one) => one.actions));
    return { ...NOBODY, actions: [...named].filter((one) => this.may(asker, subject, one, resource)) };
  }

  private may(
    asker: OrganisationId,
    subject: SubjectRef,
    action: LocalId | null,
    resource: ResourceRef | null,
  ): boolean {
    if (!action || !resource) return false;
    const ask = { subject, leaf: NOT_SHOWN, action, resource, session: null };
    return answer(this.snapshot.rights, asker, ask, this.verbs.clock.now()).decision.allowed;
  }

  private async fresh(askers: Iterable<OrganisationId>): Promise<void> {
    const { verbs, snapshot } = this;
    await snapshot.hold(askers);
    const changes = await verbs.transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      return changesFrom(tx, snapshot.from);
    });
    if (!snapshot.saw(changes, verbs.clock.monotonic())) await snapshot.hold(askers);
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, MOST_IN_A_GROUP);
      try {
        const told = await this.settle(group.map((one) => one.ask));
        for (const [at, one] of group.entries()) one.given(told[at]?.answers ?? []);
      } catch (thrown) {
        for (const one of group) one.failed(thrown);
      }
    }
    this.busy = false;
  }

  private async settle(asks: readonly EvaluationAsk[]): Promise<Told[]> {
    const { verbs, snapshot } = this;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await snapshot.hold(new Set(asks.map((ask) => ask.asker)));
      const now = verbs.clock.now();
      const told = asks.map((ask) => this.tell(ask, now));
      const changes = await verbs.transactor.run(async (tx) => {
        await tx.actFor(EVERY_ORGANISATION);
        const changed = await changesFrom(tx, snapshot.from);
        if (snapshot.wouldChange(changed)) return changed;
        await writeDecisions(
          tx,
          verbs.ids,
          told.flatMap((one) => one.said),
          told.flatMap((one) => one.reasons),
        );
        return changed;
      });
      if (snapshot.saw(changes, verbs.clock.monotonic())) return told;
    }
    throw new Fault('grants_unavailable', 'The request could not be completed', {
      cause: 'rights change all the time',
    });
  }

  private tell(ask: EvaluationAsk, now: Instant): Told {
    const told: Told = { answers: [], said: [], reasons: [] };
    const stops = ask.semantic === 'execute_all' ? null : ask.semantic === 'permit_on_first_permit';
    for (const question of ask.questions) {
      const given = this.tellOne(ask.asker, question, now, told);
      told.answers.push(given);
      if (given.decision === stops) break;
    }
    return ask.questions.length > 1 ? { ...told, said: together(told, ask, now) } : told;
  }

  private tellOne(asker: OrganisationId, question: Question, now: Instant, told: Told): DecisionGiven {
    if ('code' in question) return { decision: false, id: null, code: question.code, until: null };
    const { subject, key, action, resource } = question;
    const ask = { subject, leaf: key ?? NOT_SHOWN, action, resource, session: null };
    const { decision, chain } = answer(this.snapshot.rights, asker, ask, now);
    if (!chain) {
      // There is no log that this could stand in: nobody of those named has anything to do with the asker.
      return { decision: false, id: null, code: 'not_a_party', until: null };
    }
    const id = this.verbs.ids.next<string>('dec');
    const code = decision.allowed ? null : loggedReason(decision.refusal).code;
    const said = saidOf(asker, { subject, resource, chain, id, now, code });
    if (decision.allowed) {
      told.said.push(said);
      return { decision: true, id, code: null, until: decision.value.window.to };
    }
    const { code: inFull, clause = null, detail = null } = decision.refusal;
    const heard = reasonFor(asker, decision.refusal);
    const { belongsTo } = heard;
    told.said.push({ ...said, belongsTo, explanation: [inFull, clause, detail].filter(Boolean).join(' ') });
    const asked = JSON.stringify({ subject, action, resource });
    told.reasons.push({ decision: id, belongsTo, asker, code: inFull, clause, detail, question: asked, givenAt: now });
    return { decision: false, id, code: heard.code, until: null };
  }
}

interface About {
  readonly subject: SubjectRef;
  readonly resource: ResourceRef;
  readonly chain: VerifiedChain;
  readonly id: string;
  readonly now: Instant;
  readonly code: string | null;
}

/** What both companies may read of a decision. */
const saidOf = (asker: OrganisationId, { subject, resource, chain, id, now, code }: About): Said => ({
  log: chain.grant.agreementId,
  kind: 'decision.given',
  outcome: code === null ? 'allow' : 'deny',
  at: now,
  organisation: asker,
  subject,
  resource,
  agreement: chain.agreementDigest,
  grant: chain.grantDigest,
  code,
  documents: [chain.agreementDigest, chain.grantDigest],
  correlation: id,
});

/** One record for each log that a call of several questions touched, with the digest of what was asked and answered. */
function together({ said, answers }: Told, { asker, questions }: EvaluationAsk, now: Instant): Said[] {
  const items = digestOf({ questions: questions.slice(0, answers.length), answers });
  return [...new Set(said.map((one) => one.log))].map((log) => {
    const own = said.filter((one) => one.log === log);
    return {
      log,
      kind: 'decision.given',
      outcome: own.some((one) => one.outcome === 'deny') ? 'deny' : 'allow',
      at: now,
      organisation: asker,
      documents: [items],
      count: own.length,
    };
  });
}

const NOBODY: Found = { subjects: [], resources: [], actions: [] };
const unique = <T extends { owner: string; id: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [`${one.owner} ${one.id}`, one])).values(),
];
