import { z } from 'zod';
import { actionName, instant, organisationId, resourceRef, subjectRef, thumbprint } from '../documents/names.js';
import { defineRequest } from '../events/define-request.js';

/** How many decisions one call may ask for. */
export const MOST_EVALUATIONS = 500;

/** What an enforcement point asks: it has found out by itself who the subject is, and may say by which key. */
export const question = z.strictObject({
  subject: subjectRef,
  key: thumbprint.nullable(),
  action: actionName,
  resource: resourceRef,
});

/** A question that names nothing anybody could know, or that is incomplete: a no in its place, in the order it was asked. */
const unanswerable = z.strictObject({ code: z.enum(['malformed', 'not_a_party']) });

export const evaluationSemantic = z.enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit']);

/** Decisions for one asking organisation; the semantic is AuthZEN's. */
export const evaluationAsk = z.strictObject({
  asker: organisationId,
  semantic: evaluationSemantic,
  questions: z
    .array(z.union([question, unanswerable]))
    .min(1)
    .max(MOST_EVALUATIONS),
});
export type EvaluationAsk = z.output<typeof evaluationAsk>;

export const decisionGiven = z.strictObject({
  decision: z.boolean(),
  /** Name of the decision in the evidence; null where there is no log it could stand in. */
  id: z.string().max(40).nullable(),
  /** What the asker may know of a no. */
  code: z.string().max(80).nullable(),
  /** End of the window a yes rests on. */
  until: instant.nullable(),
});
export type DecisionGiven = z.output<typeof decisionGiven>;

/** Several organisations' questions in one message, answered in their order; each answer is evidence before it is given. */
export const EvaluateAccess = defineRequest(
  'grants.evaluate.v1',
  z.strictObject({ asks: z.array(evaluationAsk).min(1).max(MOST_EVALUATIONS) }),
  z.strictObject({ answers: z.array(z.array(decisionGiven)) }),
);

/** Who may do this to that, what may he do it to, what may he do: the one that is searched for is left out. */
export const SearchAccess = defineRequest(
  'grants.search.v1',
  z.strictObject({
    asker: organisationId,
    subject: subjectRef.nullable(),
    subjectKind: z.enum(['person', 'machine', 'workload']).nullable(),
    action: actionName.nullable(),
    resource: resourceRef.nullable(),
  }),
  z.strictObject({ subjects: z.array(subjectRef), resources: z.array(resourceRef), actions: z.array(actionName) }),
);
