import { createHash } from 'node:crypto';

/** Places of the table; a power of two, doubled before it is three quarters full. */
const FIRST = 1_024;

/**
 * Remembers names by 64 bits of their digest, 16 to 32 bytes each, so that a log of millions fits: which of them came before. Two names that share these bits would be
 * taken for one, which refuses a log and lets nothing through.
 */
export class SaidOnce {
  private table = new BigUint64Array(FIRST);
  private count = 0;

  /** Whether this name is new; from now on it is not. */
  take(name: string): boolean {
    if (this.count * 4 >= this.table.length * 3) this.grow();
    // Zero marks an empty place.
    const bits = createHash('sha256').update(name).digest().readBigUInt64LE() || 1n;
    const at = placeOf(this.table, bits);
    if (this.table[at] === bits) return false;
    this.table[at] = bits;
    this.count += 1;
    return true;
  }

  private grow(): void {
    const table = new BigUint64Array(this.table.length * 2);
    for (const bits of this.table) if (bits !== 0n) table[placeOf(table, bits)] = bits;
    this.table = table;
  }
}

function placeOf(table: BigUint64Array, bits: bigint): number {
  let at = Number(bits & BigInt(table.length - 1));
  while (table[at] !== 0n && table[at] !== bits) at = (at + 1) % table.length;
  return at;
}
