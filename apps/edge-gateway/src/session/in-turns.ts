/** Milliseconds of one turn of the event loop that this work may take. */
const AT_ONCE = 4;

/**
 * Does what can wait a little at a time and never in the turn in which it is asked for: the records of a thousand sessions that were
 * closed at once keep neither the next cut nor a frame waiting.
 */
export class InTurns {
  private waiting: (() => void)[] = [];
  private planned = false;

  run<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => void work().then(resolve, reject));
      this.plan();
    });
  }

  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.planned = false;
    const until = performance.now() + AT_ONCE;
    let done = 0;
    for (const work of this.waiting) {
      work();
      done += 1;
      if (performance.now() > until) break;
    }
    this.waiting = this.waiting.slice(done);
    if (this.waiting.length > 0) this.plan();
  }
}
