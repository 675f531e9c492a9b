import type { Agreement } from '../documents/agreement.js';
import type { LocalId, OrganisationId } from '../names.js';
import { termsOfType } from './find-terms.js';

/** An enforcement point, what it is certified for, and the kinds of terms that its own program said it evaluates. */
export interface ReportedPoint {
  readonly organisation: OrganisationId;
  readonly id: LocalId;
  readonly resources: readonly LocalId[];
  readonly evaluators: readonly string[];
}

/**
 * The first term of a version that an enforcement point in its scope cannot evaluate, with the point; undefined where each can. In scope is a point that is
 * certified for a resource of its owner that the version names, or of an owner whose machines a selector takes in. One that never reported is not asked
 * here: it refuses the version by itself, term by term.
 */
export function notEvaluated(agreement: Agreement, points: readonly ReportedPoint[]): string | undefined {
  for (const point of points.filter((one) => inScope(agreement, one))) {
    const lacking = agreement.terms.find(({ type }) => !point.evaluators.includes(type));
    if (lacking) return `${lacking.type} at ${point.organisation}/${point.id}`;
  }
  return undefined;
}

const inScope = (agreement: Agreement, { organisation, resources }: ReportedPoint): boolean =>
  agreement.resources.some(({ owner, id }) => owner === organisation && resources.includes(id)) ||
  termsOfType(agreement, 'selector').some(({ owner }) => owner === organisation);
