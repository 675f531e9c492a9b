import {
  type AuthzenEvaluation,
  type DecisionGiven,
  EvaluateAccess,
  type EvaluationAsk,
  SearchAccess,
} from '@interlock/contracts';
import {
  type OrganisationId,
  parseAction,
  parseLocalId,
  parseOrganisationId,
  parseThumbprint,
  type ResourceRef,
  type SubjectKind,
  type SubjectRef,
} from '@interlock/domain';
import { Injectable } from '@nestjs/common';
import { Services } from '../commands/services.js';
import { DecisionPoint, type Found, type Given, type Search, type Semantic } from './decision-point.js';

/** The one type of resource: whatever its owner named. */
export const RESOURCE_TYPE = 'resource';
const SUBJECT_KINDS: readonly SubjectKind[] = ['person', 'machine', 'workload'];
const NOTHING: Found = { subjects: [], resources: [], actions: [] };
/** Questions that go out together, at most. */
const MOST_TOGETHER = 400;

type Evaluation = Pick<AuthzenEvaluation, 'subject' | 'action' | 'resource'>;
type Question = EvaluationAsk['questions'][number];

interface Waiting {
  readonly ask: EvaluationAsk;
  given(answers: DecisionGiven[]): void;
  failed(thrown: unknown): void;
}

/**
 * Asks the decision service. What comes in at one moment goes out in one message: a message for each question would cost more than the
 * decision. Names that cannot be anybody's are a no without asking.
 */
@Injectable()
export class RightsDecisionPoint extends DecisionPoint {
  private waiting: Waiting[] = [];
  private isPlanned = false;

  constructor(private readonly services: Services) {
    super();
  }

  evaluate(
    asker: OrganisationId,
    questions: readonly (Evaluation | null)[],
    semantic: Semantic,
  ): Promise<readonly Given[]> {
    const ask: EvaluationAsk = { asker, semantic, questions: questions.map(questionOf) };
    return new Promise<DecisionGiven[]>((given, failed) => {
      this.waiting.push({ ask, given, failed });
      if (this.isPlanned) return;
      this.isPlanned = true;
      setImmediate(() => this.send());
    });
  }

  async search(asker: OrganisationId, { subject, action, resource }: Search): Promise<Found> {
    const who = 'id' in subject ? subjectOf(subject) : null;
    const what = 'id' in resource ? resourceOf(resource) : null;
    const kind = SUBJECT_KINDS.find((one) => one === subject.type) ?? null;
    const name = action === null ? null : parseAction(action.name);
    const isKnown = resource.type === RESOURCE_TYPE && kind !== null && name !== undefined;
    if (!isKnown || who === undefined || what === undefined) return NOTHING;
    const found = await this.services.ask(SearchAccess, {
      asker,
      subject: who,
      subjectKind: kind,
      action: name,
      resource: what,
    });
    return {
      subjects: found.subjects.map((one) => ({ type: one.kind, id: `${one.organisation}/${one.id}` })),
      resources: found.resources.map((one) => ({ type: RESOURCE_TYPE, id: `${one.owner}/${one.id}` })),
      actions: found.actions.map((one) => ({ name: one })),
    };
  }

  private send(): void {
    this.isPlanned = false;
    const all = this.waiting;
    this.waiting = [];
    let group: Waiting[] = [];
    let size = 0;
    for (const one of all) {
      if (group.length > 0 && size + one.ask.questions.length > MOST_TOGETHER) {
        void this.ask(group);
        [group, size] = [[], 0];
      }
      group.push(one);
      size += one.ask.questions.length;
    }
    if (group.length > 0) void this.ask(group);
  }

  private async ask(group: readonly Waiting[]): Promise<void> {
    try {
      const { answers } = await this.services.ask(EvaluateAccess, { asks: group.map((one) => one.ask) });
      for (const [at, one] of group.entries()) one.given(answers[at] ?? []);
    } catch (thrown) {
      for (const one of group) one.failed(thrown);
    }
  }
}

function questionOf(evaluation: Evaluation | null): Question {
  if (!evaluation) return { code: 'malformed' };
  const subject = subjectOf(evaluation.subject);
  const resource = resourceOf(evaluation.resource);
  const action = parseAction(evaluation.action.name);
  const key = keyOf(evaluation.subject.properties?.key);
  return subject && resource && action && key !== undefined
    ? { subject, key, action, resource }
    : { code: 'not_a_party' };
}

/** The key of the subject as the asker saw it, an RFC 7638 thumbprint; something else under that name is nobody's key. */
const keyOf = (value: unknown) =>
  value === undefined ? null : typeof value === 'string' ? parseThumbprint(value) : undefined;

function subjectOf({ type, id }: { type: string; id: string }): SubjectRef | undefined {
  const named = namedBy(id);
  const kind = SUBJECT_KINDS.find((one) => one === type);
  return named && kind ? { organisation: named.organisation, kind, id: named.id } : undefined;
}

function resourceOf({ type, id }: { type: string; id: string }): ResourceRef | undefined {
  const named = namedBy(id);
  return named && type === RESOURCE_TYPE ? { owner: named.organisation, id: named.id } : undefined;
}

/** `organisation/name`: a name means something with its organisation alone. */
function namedBy(text: string) {
  const slash = text.indexOf('/');
  const organisation = parseOrganisationId(text.slice(0, Math.max(0, slash)));
  const id = parseLocalId(text.slice(slash + 1));
  return organisation && id ? { organisation, id } : undefined;
}
