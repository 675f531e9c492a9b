import { askOwnService, type OwnDecisionPoint } from '@interlock/company-side';
import { allowedByPolicies } from '@interlock/company-side/policies';
import type { Instant, Right } from '@interlock/domain';
import { z } from 'zod';

const answer = z.looseObject({ evaluations: z.array(z.looseObject({ decision: z.boolean() })) });

/** Uses that one right may allow; who asks about more is told no. */
const MOST = 1_000;
const BOUNDS = { within: 2_000, longest: 1_000_000 };

/**
 * Whether the company's own decision point says yes to everything that a right allows: each of its subjects, to each service of each resource
 * (AuthZEN 1.0 section 7), or the policy set
 * it gave the agent does. Late, unreachable, unreadable, a yes too few: no.
 */
export async function askDecisionPoint(point: OwnDecisionPoint, right: Right, now: Instant): Promise<boolean> {
  return 'policies' in point ? allowedByPolicies(point.policies, right, now) : askServer(point, right);
}

type Server = Extract<OwnDecisionPoint, { readonly evaluations: string }>;

async function askServer({ evaluations: at, token }: Server, right: Right): Promise<boolean> {
  const evaluations = right.subjects.flatMap((subject) =>
    right.resources.flatMap((resource) =>
      right.actions.map((name) => ({
        subject: { type: subject.kind, id: `${subject.organisation}/${subject.id}` },
        resource: { type: 'resource', id: `${resource.owner}/${resource.id}` },
        action: { name },
      })),
    ),
  );
  if (evaluations.length > MOST) return false;
  const { id, kind, purpose, ticket, windows } = right;
  try {
    const asked = { evaluations, context: { grant: id, kind, purpose, ticket, windows } };
    const said = answer.parse(await askOwnService({ at, token }, asked, BOUNDS)).evaluations;
    return said.length === evaluations.length && said.every(({ decision }) => decision);
  } catch {
    return false;
  }
}
