import { join } from 'node:path';
import { signedAct, signedCertificate, signedEntity } from '@interlock/contracts';
import type { Act, AgreementId, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import { appendLines, readLines } from '../lines-on-disk.js';
import type { ActChain } from './held-agreement.js';

/** An act as it was taken: one that came with its own chain is verified by that chain again. */
export interface KeptAct {
  readonly act: Signed<Act>;
  readonly chain?: ActChain;
}

export interface HeldActs {
  keep(act: Signed<Act>, chain?: ActChain): void;
  /** Whether it was taken before, in this boot or an earlier one. */
  has(act: Signed<Act>): boolean;
  of(agreement: AgreementId): readonly KeptAct[];
}

const line = z.strictObject({
  act: signedAct,
  chain: z.strictObject({ entities: z.array(signedEntity), certificates: z.array(signedCertificate) }).optional(),
});

/**
 * The acts this gateway has taken, kept so that a restart does not forget a cut that came by the plant's own hand while the broker was
 * silent. They are verified again when they are used; a line that a power cut left torn is an act that is asked for again.
 */
export function heldActs(folder: string): HeldActs {
  const file = join(folder, 'acts.ndjson');
  const acts = new Map<string, KeptAct>();
  for (const one of readLines(file)) {
    const parsed = line.safeParse(tryParse(one));
    if (parsed.success) acts.set(digestOf(parsed.data.act.document), keptOf(parsed.data.act, parsed.data.chain));
  }
  return {
    keep: (act, chain) => {
      const digest = digestOf(act.document);
      if (acts.has(digest)) return;
      const kept = keptOf(act, chain);
      acts.set(digest, kept);
      // A full disk must not undo a cut that has already happened in memory.
      appendLines(file, [JSON.stringify(kept)]);
    },
    has: (act) => acts.has(digestOf(act.document)),
    of: (agreement) => [...acts.values()].filter(({ act }) => act.document.agreementId === agreement),
  };
}

const keptOf = (act: Signed<Act>, chain: ActChain | undefined): KeptAct => (chain ? { act, chain } : { act });

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
