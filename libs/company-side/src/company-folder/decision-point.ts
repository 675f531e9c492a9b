import { existsSync, readFileSync } from 'node:fs';
import { HTTPS_ELSEWHERE, isSafeWebAddress } from '@interlock/contracts';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const settings = z.union([
  /** The evaluations endpoint of an AuthZEN 1.0 decision point. */
  z.strictObject({ v: z.literal(1), evaluations: z.url().refine(isSafeWebAddress, HTTPS_ELSEWHERE) }),
  /** The policy set beside this file (Cedar), judged by the agent itself. */
  z.strictObject({ v: z.literal(1), policies: z.literal('cedar') }),
]);

/** The company's own decision point, as its agent asks it: a server, or a policy set in the agent. */
export type OwnDecisionPoint =
  | { readonly evaluations: string; readonly token: string | undefined }
  | { readonly policies: string };

/** Undefined where the company set none up: then no verdict of it is given. Of a policy set that is not there any more, nothing is permitted. */
export function readDecisionPoint(dir: string): OwnDecisionPoint | undefined {
  const { decisionPoint, decisionPointToken, policies } = layout(dir);
  const read = readJsonIfThere(decisionPoint);
  if (read === undefined) return undefined;
  const said = settings.parse(read);
  if ('policies' in said) return { policies: existsSync(policies) ? readFileSync(policies, 'utf8') : '' };
  const token = existsSync(decisionPointToken) ? readFileSync(decisionPointToken, 'utf8').trim() : undefined;
  return { evaluations: said.evaluations, token };
}

/** Says where the decision point is, and what the agent shows there. */
export function setDecisionPoint(dir: string, evaluations: string, token?: string): void {
  const { decisionPoint, decisionPointToken } = layout(dir);
  const value = settings.parse({ v: 1, evaluations });
  if (token !== undefined) writeDurably(decisionPointToken, token);
  writeDurably(decisionPoint, `${JSON.stringify(value, null, 2)}\n`);
}

/** Says that the agent judges by this policy set itself; whoever calls has looked whether it can be read. */
export function setPolicies(dir: string, text: string): void {
  const { decisionPoint, policies } = layout(dir);
  writeDurably(policies, text);
  writeDurably(decisionPoint, `${JSON.stringify({ v: 1, policies: 'cedar' }, null, 2)}\n`);
}
