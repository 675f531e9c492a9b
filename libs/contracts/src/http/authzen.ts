import { z } from 'zod';

/**
 * Bodies of the OpenID AuthZEN Authorization API 1.0. Members that are not known are ignored, as the standard asks: a decision rests on
 * what is understood here and on nothing else.
 */
const properties = z.record(z.string(), z.unknown()).optional();
const name = z.string().min(1).max(400);
export const authzenSubject = z.object({ type: name, id: name, properties });
export const authzenResource = z.object({ type: name, id: name, properties });
export const authzenAction = z.object({ name, properties });
const context = z.record(z.string(), z.unknown()).optional();
const searched = z.object({ type: name });
const page = z
  .object({ token: z.string().max(400).optional(), limit: z.number().int().min(1).optional(), properties })
  .optional();

export const authzenEvaluation = z.object({
  subject: authzenSubject,
  action: authzenAction,
  resource: authzenResource,
  context,
});
export type AuthzenEvaluation = z.output<typeof authzenEvaluation>;

/** Items are looked at one by one: one that is incomplete is a no in its place. */
export const authzenEvaluations = z.object({
  subject: authzenSubject.optional(),
  action: authzenAction.optional(),
  resource: authzenResource.optional(),
  context,
  evaluations: z.array(z.record(z.string(), z.unknown())).max(500).optional(),
  options: z
    .object({
      evaluations_semantic: z.enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit']).optional(),
    })
    .optional(),
});
export type AuthzenEvaluations = z.output<typeof authzenEvaluations>;

export const authzenSubjectSearch = z.object({
  subject: searched,
  action: authzenAction,
  resource: authzenResource,
  context,
  page,
});
export const authzenResourceSearch = z.object({
  subject: authzenSubject,
  action: authzenAction,
  resource: searched,
  context,
  page,
});
export const authzenActionSearch = z.object({ subject: authzenSubject, resource: authzenResource, context, page });

/** One decision as AuthZEN has it; a deny is an answer (200), no error. */
export const authzenDecision = z.object({ decision: z.boolean(), context });
export type AuthzenDecision = z.output<typeof authzenDecision>;
/** Several, or a single one where no items were asked for. */
export const authzenDecisions = z.union([z.object({ evaluations: z.array(authzenDecision) }), authzenDecision]);
export const authzenEntities = z.object({ results: z.array(z.object({ type: name, id: name })) });
export const authzenActions = z.object({ results: z.array(z.object({ name })) });
export const authzenConfiguration = z.object({
  policy_decision_point: z.url(),
  access_evaluation_endpoint: z.url(),
  access_evaluations_endpoint: z.url(),
  search_subject_endpoint: z.url(),
  search_resource_endpoint: z.url(),
  search_action_endpoint: z.url(),
});
