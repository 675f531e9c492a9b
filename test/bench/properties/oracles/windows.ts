/** One reading of one key: milliseconds since 1970, and its number as it was written. */
export interface Said {
  readonly ms: number;
  readonly text: string;
}

/** What may be said of a key over windows, one window at a time, straight from the words of the agreement: begin, count, least, greatest, sum. */
export function windowsOf(said: readonly Said[], seconds: number, least: number) {
  const found: { begin: number; count: number; least: number; greatest: number; sum: number }[] = [];
  const begins = [
    ...new Set(said.map(({ ms }) => ms - (((ms % (seconds * 1000)) + seconds * 1000) % (seconds * 1000)))),
  ];
  for (const begin of begins.sort((a, b) => a - b)) {
    const inside = said.filter(({ ms }) => ms >= begin && ms < begin + seconds * 1000).map(({ text }) => Number(text));
    if (inside.length < least) continue;
    const ordered = [...inside].sort((a, b) => a - b);
    found.push({
      begin,
      count: inside.length,
      least: ordered[0] ?? 0,
      greatest: ordered.at(-1) ?? 0,
      sum: inside.reduce((a, b) => a + b, 0),
    });
  }
  return found;
}
