import { readFileSync } from 'node:fs';
import { askOwnService } from '@interlock/company-side';
import {
  type Ask,
  allow,
  type Decision,
  lastOf,
  type OrganisationId,
  refuse,
  safetyNotice,
  type VerifiedChain,
} from '@interlock/domain';
import { z } from 'zod';
import type { GatewayConfig } from '../config.js';

/** The decision point of the gateway's own company, asked before something opens. Nothing that closes ever asks it. */
export interface OwnPoint {
  /** Whether it says yes to this use, now: allowed at once where the company set none up, and where safety rests on the use. */
  ask(chain: VerifiedChain, ask: Ask): Promise<Decision<true>>;
}

/** Of a company that set none up. */
export const NOBODY_ASKED: OwnPoint = { ask: async () => allow(true) };

const answer = z.looseObject({ decision: z.boolean() });
const LONGEST = 64 * 1024;

/**
 * The decision point that the settings name (AuthZEN 1.0, section 6: the evaluation endpoint). Its no, and a late, unreachable or unreadable answer, are no.
 *
 * @throws Error where the settings contradict each other, so that the gateway does not start
 */
export function ownPoint(config: PointSettings, organisation: OrganisationId): OwnPoint {
  const { GATEWAY_DECISION_POINT: at, GATEWAY_DECISION_POINT_TOKEN_FILE: file } = config;
  if (at === undefined && file !== undefined)
    throw new Error('GATEWAY_DECISION_POINT_TOKEN_FILE is set and GATEWAY_DECISION_POINT is not');
  if (at === undefined) return NOBODY_ASKED;
  const token = file === undefined ? undefined : readFileSync(file, 'utf8').trim();
  const bounds = { within: config.GATEWAY_DECISION_POINT_SECONDS * 1000, longest: LONGEST };
  const clause = `decision-point ${organisation}`;
  return {
    ask: async (chain, ask) => {
      // What safety rests on opens by the disk alone (trust model, section 6).
      if (safetyNotice(chain.agreement, chain.grant.kind, ask.resource) !== undefined) return allow(true);
      try {
        const { decision } = answer.parse(await askOwnService({ at, token }, evaluationOf(chain, ask), bounds));
        return decision ? allow(true) : refuse('decision_point_denied', { clause });
      } catch {
        return refuse('decision_point_unknown', { clause });
      }
    },
  };
}

export type PointSettings = Pick<
  GatewayConfig,
  'GATEWAY_DECISION_POINT' | 'GATEWAY_DECISION_POINT_TOKEN_FILE' | 'GATEWAY_DECISION_POINT_SECONDS'
>;

const evaluationOf = (chain: VerifiedChain, { subject, leaf, resource, action, session }: Ask): object => {
  const { id, purpose, ticket } = lastOf(chain);
  return {
    subject: { type: subject.kind, id: `${subject.organisation}/${subject.id}`, properties: { key: leaf } },
    resource: { type: 'resource', id: `${resource.owner}/${resource.id}` },
    action: { name: action },
    context: { agreement: chain.agreement.id, grant: id, kind: chain.grant.kind, purpose, ticket, session },
  };
};
