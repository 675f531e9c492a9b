import { join } from 'node:path';
import { signedAct, signedCertificate, signedEntity } from '@interlock/contracts';
import type { Act, AgreementId, OrganisationId, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import { readLines } from '../lines-on-disk.js';
import { spareLines } from '../spare-lines.js';
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

/** Bytes of chains that are kept of one other party in one agreement: its acts are bounded, and what came with them must not be without end. */
const MOST_CHAIN_BYTES = 8 * 1024 * 1024;

/** Of the disk, for acts alone: several of the largest that the local port takes. */
const SPARE_BYTES = 1024 * 1024;

/**
 * The acts this gateway has taken, kept so that a restart does not forget a cut that came by the plant's own hand while the broker was
 * silent. They are verified again when they are used; a line that a power cut left torn is an act that is asked for again. `own` is the company whose gateway
 * this is.
 */
export function heldActs(folder: string, own?: OrganisationId, mostChainBytes = MOST_CHAIN_BYTES): HeldActs {
  const file = join(folder, 'acts.ndjson');
  const append = spareLines(file, SPARE_BYTES);
  const acts = new Map<string, KeptAct>();
  const chainBytes = new Map<string, number>();
  const chainFits = ({ organisation, agreementId }: Act, chain: ActChain): boolean => {
    const name = `${organisation} ${agreementId}`;
    const bytes = (chainBytes.get(name) ?? 0) + JSON.stringify(chain).length;
    if (organisation !== own && bytes > mostChainBytes) return false;
    chainBytes.set(name, bytes);
    return true;
  };
  for (const one of readLines(file)) {
    const parsed = line.safeParse(tryParse(one));
    if (!parsed.success) continue;
    const { act, chain } = parsed.data;
    if (chain) chainFits(act.document, chain);
    acts.set(digestOf(act.document), keptOf(act, chain));
  }
  return {
    keep: (act, chain) => {
      const digest = digestOf(act.document);
      if (acts.has(digest)) return;
      const kept = keptOf(act, chain && chainFits(act.document, chain) ? chain : undefined);
      acts.set(digest, kept);
      // A full disk must not undo a cut that has already happened in memory, nor forget it with the next start.
      append([JSON.stringify(kept)]);
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
