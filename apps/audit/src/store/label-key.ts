/**
 * A label of one log as a number of at most 53 bits: what the index holds instead of the text, because a row has some twenty labels. Two
 * labels may share a number, so what the index finds is held against the labels themselves; what it does not find is not there.
 */
export function labelKey(logNo: number, label: string): number {
  let low = 0xdeadbeef ^ logNo;
  let high = 0x41c6ce57 ^ logNo;
  for (let i = 0; i < label.length; i += 1) {
    const unit = label.charCodeAt(i);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
}
