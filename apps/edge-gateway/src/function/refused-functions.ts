/** Milliseconds for which refusals of one function are counted into one record. */
const TOGETHER = 10_000;

/**
 * What was refused again and again, by its name (functions of one session, pushes of one agreement), as records with counts: the first of each at once, repeats together. A client that asks
 * a thousand times a second fills no disk.
 */
export class RefusedFunctions {
  private readonly counts = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly record: (functionName: string, count: number) => void) {}

  readonly note = (functionName: string): void => {
    const before = this.counts.get(functionName);
    this.counts.set(functionName, (before ?? 0) + 1);
    if (before !== undefined) return;
    this.write(functionName);
    this.timer ??= setTimeout(() => this.turn(), TOGETHER);
    this.timer.unref();
  };

  /** Writes what is still counted; for the end of the session. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const name of this.counts.keys()) this.write(name);
    this.counts.clear();
  }

  private turn(): void {
    this.timer = undefined;
    for (const [name, count] of this.counts) {
      // Silent for a whole turn: its next one is written at once again.
      if (count === 0) this.counts.delete(name);
      else this.write(name);
    }
    if (this.counts.size === 0) return;
    this.timer = setTimeout(() => this.turn(), TOGETHER);
    this.timer.unref();
  }

  private write(name: string): void {
    const count = this.counts.get(name) ?? 0;
    if (count === 0) return;
    this.counts.set(name, 0);
    this.record(name, count);
  }
}
