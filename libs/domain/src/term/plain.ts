import type { ApprovalRule } from '../documents/agreement.js';
import type { ResourceRef } from '../names.js';

/** A span of seconds in words. */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const parts = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor((minutes % 1_440) / 60), 'h'],
    [minutes % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

/** Resources by owner and name; every one of the agreement where none is named. */
export const resourceWords = (list: readonly ResourceRef[]): string =>
  list.map((one) => `${one.owner}/${one.id}`).join(', ') || 'every resource';

export const listed = (words: readonly string[], nothing: string): string => words.join(', ') || nothing;

export const approvalWords = (rules: readonly ApprovalRule[]): string =>
  rules.map(({ group, persons }) => `${persons} of ${group}`).join(' and ') || 'nobody';
