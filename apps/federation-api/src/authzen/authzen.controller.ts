import { Access, Caller, Operation, Refused, SETTINGS } from '@interlock/chassis';
import {
  type AuthzenDecision,
  type AuthzenEvaluation,
  type AuthzenEvaluations,
  authzenActionSearch,
  authzenActions,
  authzenConfiguration,
  authzenDecision,
  authzenDecisions,
  authzenEntities,
  authzenEvaluation,
  authzenEvaluations,
  authzenResourceSearch,
  authzenSubjectSearch,
  REFUSALS,
} from '@interlock/contracts';
import { Body, Controller, Get, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { originOf, type Settings } from '../settings.js';
import { AuthzenFilter } from './authzen.filter.js';
import { DecisionPoint, type Given, type Search } from './decision-point.js';

/**
 * OpenID AuthZEN Authorization API 1.0. A deny is 200; what is wrong with the request itself is 400, 401, 403, in plain words. Any certified holder
 * of a company may ask for it; a person's login proof is for one session and asks nothing.
 */
@Controller()
@UseFilters(AuthzenFilter)
export class AuthzenController {
  constructor(
    private readonly decides: DecisionPoint,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('.well-known/authzen-configuration')
  @Operation({ summary: 'Where the decision point is asked (AuthZEN 1.0).', reply: authzenConfiguration })
  @Access({ actor: 'anyone', because: 'the metadata says where to ask and nothing else (AuthZEN 1.0, section 9)' })
  configuration() {
    const base = originOf(this.settings);
    return {
      policy_decision_point: base,
      access_evaluation_endpoint: `${base}/access/v1/evaluation`,
      access_evaluations_endpoint: `${base}/access/v1/evaluations`,
      search_subject_endpoint: `${base}/access/v1/search/subject`,
      search_resource_endpoint: `${base}/access/v1/search/resource`,
      search_action_endpoint: `${base}/access/v1/search/action`,
    };
  }

  @Post('access/v1/evaluation')
  @Operation({
    summary: 'May this subject do this to that resource now (AuthZEN 1.0).',
    reply: authzenDecision,
    repeats: 'question',
  })
  @HttpCode(200)
  @Access({ actor: ['agent', 'gateway', 'connector'] })
  async evaluation(
    @Caller() caller: EdgeCaller,
    @Body({ schema: authzenEvaluation }) body: AuthzenEvaluation,
  ): Promise<AuthzenDecision> {
    const [given] = await this.decides.evaluate(askerOf(caller), [body], 'execute_all');
    return dressed(given);
  }

  @Post('access/v1/evaluations')
  @Operation({ summary: 'Several decisions in one call (AuthZEN 1.0).', reply: authzenDecisions, repeats: 'question' })
  @HttpCode(200)
  @Access({ actor: ['agent', 'gateway', 'connector'] })
  async evaluations(@Caller() caller: EdgeCaller, @Body({ schema: authzenEvaluations }) body: AuthzenEvaluations) {
    const items = body.evaluations ?? [];
    if (items.length === 0) {
      const single = authzenEvaluation.safeParse(body);
      if (!single.success) throw new Refused({ code: 'malformed' });
      return this.evaluation(caller, single.data);
    }
    const semantic = body.options?.evaluations_semantic ?? 'execute_all';
    const given = await this.decides.evaluate(askerOf(caller), questionsOf(body, items), semantic);
    return { evaluations: given.map(dressed) };
  }

  @Post('access/v1/search/subject')
  @Operation({
    summary: 'Who may do this to that resource now (AuthZEN 1.0).',
    reply: authzenEntities,
    repeats: 'question',
  })
  @HttpCode(200)
  @Access({ actor: ['agent', 'gateway', 'connector'] })
  async subjects(
    @Caller() caller: EdgeCaller,
    @Body({ schema: authzenSubjectSearch }) { subject, action, resource }: z.output<typeof authzenSubjectSearch>,
  ) {
    return { results: (await this.find(caller, { subject: { type: subject.type }, action, resource })).subjects };
  }

  @Post('access/v1/search/resource')
  @Operation({
    summary: 'To what may this subject do this now (AuthZEN 1.0).',
    reply: authzenEntities,
    repeats: 'question',
  })
  @HttpCode(200)
  @Access({ actor: ['agent', 'gateway', 'connector'] })
  async resources(
    @Caller() caller: EdgeCaller,
    @Body({ schema: authzenResourceSearch }) { subject, action, resource }: z.output<typeof authzenResourceSearch>,
  ) {
    return { results: (await this.find(caller, { subject, action, resource: { type: resource.type } })).resources };
  }

  @Post('access/v1/search/action')
  @Operation({
    summary: 'What may this subject do to that resource now (AuthZEN 1.0).',
    reply: authzenActions,
    repeats: 'question',
  })
  @HttpCode(200)
  @Access({ actor: ['agent', 'gateway', 'connector'] })
  async actions(
    @Caller() caller: EdgeCaller,
    @Body({ schema: authzenActionSearch }) { subject, resource }: z.output<typeof authzenActionSearch>,
  ) {
    return { results: (await this.find(caller, { subject, action: null, resource })).actions };
  }

  private find(caller: EdgeCaller, search: Search) {
    return this.decides.search(askerOf(caller), search);
  }
}

function askerOf({ kind, organisation }: EdgeCaller) {
  if (kind === 'person') throw new Refused({ code: 'caller_not_allowed' });
  return organisation;
}

/** An item takes a whole entity from the top where it names none; parts of two are never mixed. */
const questionsOf = (body: AuthzenEvaluations, items: readonly Readonly<Record<string, unknown>>[]) =>
  items.map((item) => {
    const { subject, action, resource } = body;
    const read = authzenEvaluation.safeParse({ subject, action, resource, ...item });
    return read.success ? read.data : null;
  });

function dressed(given: Given | undefined): AuthzenDecision {
  if (!given) return { decision: false };
  const { decision, id, code, until } = given;
  const reason = code !== null && Object.hasOwn(REFUSALS, code) ? REFUSALS[code as keyof typeof REFUSALS].title : null;
  const context = {
    ...(id === null ? {} : { id }),
    ...(code === null ? {} : { code }),
    ...(reason === null ? {} : { reason_user: { en: reason } }),
    ...(until === null ? {} : { valid_until: new Date(until).toISOString() }),
  };
  return Object.keys(context).length > 0 ? { decision, context } : { decision };
}
