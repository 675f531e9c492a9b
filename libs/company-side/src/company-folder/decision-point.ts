import { existsSync, readFileSync } from 'node:fs';
import { HTTPS_ELSEWHERE, isSafeWebAddress } from '@interlock/contracts';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const settings = z.strictObject({
  v: z.literal(1),
  /** The evaluations endpoint of an AuthZEN 1.0 decision point. */
  evaluations: z.url().refine(isSafeWebAddress, HTTPS_ELSEWHERE),
});

/** The company's own decision point, as its agent asks it. */
export interface OwnDecisionPoint {
  readonly evaluations: string;
  readonly token: string | undefined;
}

/** Undefined where the company set none up: then no verdict of it is given. */
export function readDecisionPoint(dir: string): OwnDecisionPoint | undefined {
  const { decisionPoint, decisionPointToken } = layout(dir);
  const read = readJsonIfThere(decisionPoint);
  if (read === undefined) return undefined;
  const token = existsSync(decisionPointToken) ? readFileSync(decisionPointToken, 'utf8').trim() : undefined;
  return { evaluations: settings.parse(read).evaluations, token };
}

/** Says where the decision point is, and what the agent shows there. */
export function setDecisionPoint(dir: string, evaluations: string, token?: string): void {
  const { decisionPoint, decisionPointToken } = layout(dir);
  const value = settings.parse({ v: 1, evaluations });
  if (token !== undefined) writeDurably(decisionPointToken, token);
  writeDurably(decisionPoint, `${JSON.stringify(value, null, 2)}\n`);
}
