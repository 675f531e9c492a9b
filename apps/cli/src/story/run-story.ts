import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import { bundleBytes, verifyBundle } from '@interlock/proof';
import type { Trial } from '../up/trial.js';
import { pinsOf } from './pins.js';
import { type Step, StepFailed, type StoryMemory } from './step.js';
import { STEPS } from './steps.js';

export interface StepReport {
  readonly id: Step['id'];
  readonly ok: boolean;
  readonly ms: number;
  /** Path of the bundle that proves it; null where the step failed. */
  readonly proof: string | null;
}

export interface StoryReport {
  readonly ok: boolean;
  readonly steps: readonly StepReport[];
}

export interface Storyteller {
  step(step: Step, number: number, of: number): void;
  doing(what: string): void;
  shown(report: StepReport, sentences: readonly string[]): void;
  failed(report: StepReport, why: string): void;
}

/** Plays the first `through` steps and ends at the first that fails. Each step's proof is written, and verified, before the next begins. */
export async function runStory(trial: Trial, through: number, tell: Storyteller): Promise<StoryReport> {
  const memory: StoryMemory = {};
  const reports: StepReport[] = [];
  const steps = STEPS.slice(0, through);
  for (const [at, step] of steps.entries()) {
    tell.step(step, at + 1, steps.length);
    const started = performance.now();
    const taken = () => Math.round(performance.now() - started);
    try {
      const { shown, bundle } = await step.run({ trial, memory, say: tell.doing });
      const file = join(trial.proofs, `${at + 1}-${step.id}.json`);
      writeDurably(file, bundleBytes(bundle));
      const proven = await verifyBundle(bundleBytes(bundle), pinsOf(trial));
      if (!proven.allowed)
        throw new StepFailed(`its proof does not verify: ${proven.refusal.code} ${proven.refusal.clause ?? ''}`);
      const report = { id: step.id, ok: true, ms: taken(), proof: file };
      reports.push(report);
      tell.shown(report, shown);
    } catch (error) {
      const report = { id: step.id, ok: false, ms: taken(), proof: null };
      reports.push(report);
      tell.failed(report, explain(error));
      break;
    }
  }
  return { ok: reports.length === steps.length && reports.every((report) => report.ok), steps: reports };
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${explain(error.cause)})` : error.message;
}
