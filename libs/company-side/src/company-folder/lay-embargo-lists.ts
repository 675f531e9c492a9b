import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { instant, localId, organisationId } from '@interlock/contracts';
import type { EmbargoSnapshot } from '@interlock/domain';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const country = z.string().regex(/^[A-Z]{2}$/);
const snapshot: z.ZodType<EmbargoSnapshot> = z.strictObject({
  issuers: z.array(localId).max(64),
  takenAt: instant,
  jurisdictions: z.strictObject({ known: z.array(country), blocked: z.array(country) }),
  organisations: z.array(organisationId).max(1_000_000),
});

/** Puts the company's own embargo lists where its agent reads them. Every verdict is computed again from the next look on. */
export function layEmbargoLists(dir: string, lists: EmbargoSnapshot): void {
  const file = layout(dir).embargo;
  mkdirSync(dirname(file), { recursive: true });
  writeDurably(file, JSON.stringify(snapshot.parse(lists)), 0o644);
}

/** The company's lists; undefined where there are none, or none that can be read: then there is no verdict, and no is the answer. */
export function readEmbargoLists(dir: string): EmbargoSnapshot | undefined {
  try {
    return snapshot.parse(readJsonIfThere(layout(dir).embargo));
  } catch {
    return undefined;
  }
}
