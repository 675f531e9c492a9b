/** Rows begin at multiples of this, and a row number is its place in this unit. Bytes. */
const UNIT = 32;
const FIRST_ROOM = 64 * 1024;
const LENGTH_AT = 0;

/**
 * Rows of numbers and ASCII text, each in one piece of memory. Very many small objects would lie all over the heap, and every one that
 * is looked at would be waited for; a row is waited for once.
 */
export class Rows {
  private bytes = new Uint8Array(FIRST_ROOM);
  private ints = new Int32Array(this.bytes.buffer);
  private doubles = new Float64Array(this.bytes.buffer);
  private used = UNIT;
  /** Rows that were given back, by their length. */
  private readonly free = new Map<number, number[]>();

  /** Makes room for a row of so many bytes; its first integer is taken. */
  make(length: number): number {
    const whole = Math.ceil(length / UNIT) * UNIT;
    const row = this.free.get(whole)?.pop() ?? this.append(whole);
    this.ints[(row * UNIT) >> 2] = whole;
    return row;
  }

  /** Gives a row back; nobody may read it any more. */
  release(row: number): void {
    const length = this.int(row, LENGTH_AT);
    const places = this.free.get(length);
    if (places) places.push(row);
    else this.free.set(length, [row]);
  }

  /** `at` counts integers of four bytes from the start of the row. */
  int(row: number, at: number): number {
    return this.ints[row * (UNIT / 4) + at] ?? 0;
  }
  setInt(row: number, at: number, value: number): void {
    this.ints[row * (UNIT / 4) + at] = value;
  }

  /** `at` counts doubles of eight bytes from the start of the row. */
  double(row: number, at: number): number {
    return this.doubles[row * (UNIT / 8) + at] ?? 0;
  }
  setDouble(row: number, at: number, value: number): void {
    this.doubles[row * (UNIT / 8) + at] = value;
  }

  /** `at` counts bytes. Text of at most 65,535 ASCII characters, with its length before it; returns where the next one begins. */
  setText(row: number, at: number, text: string): number {
    const place = row * UNIT + at;
    this.bytes[place] = text.length & 0xff;
    this.bytes[place + 1] = text.length >> 8;
    for (let nth = 0; nth < text.length; nth += 1) this.bytes[place + 2 + nth] = text.charCodeAt(nth);
    return at + textBytes(text);
  }

  /** Whether this very text stands there; every character is compared. */
  isText(row: number, at: number, text: string): boolean {
    const place = row * UNIT + at;
    if (this.lengthAt(place) !== text.length) return false;
    for (let nth = 0; nth < text.length; nth += 1)
      if (this.bytes[place + 2 + nth] !== text.charCodeAt(nth)) return false;
    return true;
  }

  text(row: number, at: number): string {
    const place = row * UNIT + at + 2;
    let text = '';
    for (let end = place + this.lengthAt(place - 2), nth = place; nth < end; nth += 1)
      text += String.fromCharCode(this.bytes[nth] ?? 0);
    return text;
  }

  /** Where the text after the one at `at` begins. */
  after(row: number, at: number): number {
    return at + 2 + this.lengthAt(row * UNIT + at);
  }

  private lengthAt(place: number): number {
    return (this.bytes[place] ?? 0) | ((this.bytes[place + 1] ?? 0) << 8);
  }

  private append(length: number): number {
    const at = this.used;
    this.used += length;
    if (this.used > this.bytes.length) {
      const wider = new Uint8Array(Math.ceil((Math.max(this.used, this.bytes.length) * 1.5) / UNIT) * UNIT);
      wider.set(this.bytes);
      this.bytes = wider;
      this.ints = new Int32Array(wider.buffer);
      this.doubles = new Float64Array(wider.buffer);
    }
    return at / UNIT;
  }
}

/** How many bytes a text takes in a row. */
export const textBytes = (text: string): number => 2 + text.length;
