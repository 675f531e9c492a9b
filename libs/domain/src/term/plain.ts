import type { ApprovalRule } from '../documents/agreement.js';

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

export const listed = (words: readonly string[], nothing: string): string => words.join(', ') || nothing;

export const approvalWords = (rules: readonly ApprovalRule[]): string =>
  rules.map(({ group, persons }) => `${persons} of ${group}`).join(' and ') || 'nobody';
