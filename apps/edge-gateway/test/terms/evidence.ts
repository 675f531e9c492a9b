import type { TermOf } from '@interlock/domain';
import { BUYER, VENDOR } from '@interlock/testkit/builders';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';

export const cosigned = (cosigning: 'none' | 'one' | 'both', silence?: number): TermOf<'evidence'> => ({
  type: 'evidence',
  region: id('eu-1'),
  cosigning,
  ...(silence !== undefined && { witnessSilenceSeconds: silence }),
  retentionSeconds: 86_400,
});
/** How long a record of this gateway has waited for the witness of each side, in milliseconds. */
export const waits = (buyer: number, vendor: number) =>
  new Map([
    [BUYER, buyer],
    [VENDOR, vendor],
  ]);

export const evidence: TermCase = {
  permits: 'a session while a record waits for the witness of the other side for as long as was agreed',
  permitted: () => sessionOpens({ terms: [cosigned('both', 60)], waiting: waits(0, 60_000) }),
  refuses: 'a session when a record has waited for it for longer',
  refused: () => sessionOpens({ terms: [cosigned('both', 60)], waiting: waits(0, 60_001) }),
  code: 'witness_silent',
};
