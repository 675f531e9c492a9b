import type { OwnDecisionPoint } from '@interlock/company-side';
import type { Right } from '@interlock/domain';
import { z } from 'zod';

const answer = z.looseObject({ evaluations: z.array(z.looseObject({ decision: z.boolean() })) });

/** Milliseconds in which the decision point has to answer. */
const DEADLINE = 2_000;
/** Uses that one right may allow; who asks about more is told no. */
const MOST = 1_000;
const LONGEST_ANSWER = 1_000_000;

/**
 * Whether the company's own decision point says yes to everything that a right allows: each of its subjects, to each service of each resource
 * (AuthZEN 1.0 section 7). Late, unreachable, unreadable, a yes too few: no.
 */
export async function askDecisionPoint({ evaluations: at, token }: OwnDecisionPoint, right: Right): Promise<boolean> {
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
    const response = await fetch(at, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ evaluations, context: { grant: id, kind, purpose, ticket, windows } }),
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE),
    });
    const text = await response.text();
    if (response.status !== 200 || text.length > LONGEST_ANSWER) return false;
    const said = answer.parse(JSON.parse(text)).evaluations;
    return said.length === evaluations.length && said.every(({ decision }) => decision);
  } catch {
    return false;
  }
}
