const FIRST_SLOTS = 1024;
const EMPTY = 0;
const GONE = -1;

/** A hash of two names, for finding only: whoever is found is compared character by character. */
export function hashOf(one: string, other: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < one.length; at += 1) hash = Math.imul(hash ^ one.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ 0x20, 0x01000193);
  for (let at = 0; at < other.length; at += 1) hash = Math.imul(hash ^ other.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** Which rows may stand under a hash: an open-addressed table of hash and row, at most half full. One hash may have many rows. */
export class RowTable {
  private slots = new Int32Array(2 * FIRST_SLOTS);
  /** Slots that were ever taken since the table was last made anew. */
  private taken = 0;
  private held = 0;

  add(hash: number, row: number): void {
    if (2 * (this.taken + 1) * 2 > this.slots.length) this.remake();
    this.place(hash, row);
    this.held += 1;
  }

  delete(hash: number, row: number): void {
    for (let slot = this.first(hash); this.slots[slot + 1] !== EMPTY; slot = this.next(slot)) {
      if (this.slots[slot + 1] !== row) continue;
      this.slots[slot + 1] = GONE;
      this.held -= 1;
      return;
    }
  }

  /** The first row from `slot` on that stands under the hash; a negative number where there is none. Walk on with `after`. */
  find(hash: number, slot = this.first(hash)): number {
    for (let at = slot; ; at = this.next(at)) {
      const row = this.slots[at + 1];
      if (row === EMPTY || row === undefined) return -1;
      if (row !== GONE && this.slots[at] === hash) return at;
    }
  }
  rowAt(slot: number): number {
    return this.slots[slot + 1] ?? EMPTY;
  }
  after(slot: number): number {
    return this.next(slot);
  }

  private first(hash: number): number {
    return 2 * ((hash >>> 0) & (this.slots.length / 2 - 1));
  }

  private next(slot: number): number {
    return slot + 2 === this.slots.length ? 0 : slot + 2;
  }

  private place(hash: number, row: number): void {
    let slot = this.first(hash);
    while (this.slots[slot + 1] !== EMPTY) slot = this.next(slot);
    this.slots[slot] = hash;
    this.slots[slot + 1] = row;
    this.taken += 1;
  }

  private remake(): void {
    const old = this.slots;
    let size = old.length;
    while (size < 8 * (this.held + 1)) size *= 2;
    this.slots = new Int32Array(size);
    this.taken = 0;
    for (let slot = 0; slot < old.length; slot += 2) {
      const row = old[slot + 1] ?? EMPTY;
      if (row > EMPTY) this.place(old[slot] ?? 0, row);
    }
  }
}
