import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, writeDurably } from '@interlock/company-side';
import { type AgreementId, retrievalEndsAt } from '@interlock/domain';
import { z } from 'zod';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { HeldAgreement } from '../standing/held-agreement.js';

const NAME = 'flow.json';
const named = z.object({ agreementId: z.string() });

/** Says in the folder of a flow under which agreement it was filled: it is still to be erased when nothing else speaks of the flow any more. */
export function nameFlow(folder: string, agreementId: AgreementId): void {
  if (!existsSync(join(folder, NAME))) writeDurably(join(folder, NAME), JSON.stringify({ agreementId }));
}

export interface EraseOptions {
  readonly folder: string;
  readonly clock: Pick<GatewayClock, 'now' | 'runsAhead'>;
  readonly book: Pick<EvidenceBook, 'note'>;
  readonly log: Log;
  readonly keeper: { readonly agreements: ReadonlyMap<AgreementId, Pick<HeldAgreement, 'agreement' | 'acts'>> };
}

/**
 * Erases what this gateway still holds of flows whose agreement has ended, retrieval included: batches that no region took, what a scanner held back, names of
 * events. The record is on the disk first; after a crash between the two there are two records, and nothing is left. A clock that may have been set forward erases
 * nothing.
 *
 * @param live flows that run now, which nothing is taken from
 */
export async function eraseEnded(
  { folder, clock, book, log, keeper }: EraseOptions,
  live: ReadonlySet<string>,
): Promise<void> {
  if (clock.runsAhead() || !existsSync(folder)) return;
  for (const flow of readdirSync(folder)) {
    const place = join(folder, flow);
    const agreementId = live.has(flow) ? undefined : agreementOf(place);
    const held = agreementId && keeper.agreements.get(agreementId);
    if (!held || clock.now() < retrievalEndsAt(held.agreement, [...held.acts.values()])) continue;
    const count = readdirSync(place).filter((name) => /\.(sealed|aside)$/.test(name)).length;
    const said = {
      kind: 'data.erased',
      outcome: 'change',
      at: clock.now(),
      code: 'ended',
      session: flow,
      count,
    } as const;
    const written = await book.note(held.agreement.id, undefined, said, false);
    if (!written.allowed) continue;
    rmSync(place, { recursive: true, force: true });
    log.info(
      { event: 'flow.erased', session: flow, count },
      'the agreement has ended: what lay here of this flow is gone',
    );
  }
}

function agreementOf(place: string): AgreementId | undefined {
  try {
    return named.parse(JSON.parse(readFileSync(join(place, NAME), 'utf8'))).agreementId as AgreementId;
  } catch {
    return undefined;
  }
}
