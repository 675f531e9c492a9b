/** What has been opened, closed in the opposite order: by a stop, and by a start that failed half-way. */
export class Closers {
  private readonly open: (() => Promise<unknown> | unknown)[] = [];
  private closing: Promise<void> | undefined;

  add(close: () => Promise<unknown> | unknown): void {
    this.open.push(close);
  }

  /** Closes everything once; one that fails does not keep the others open. Rejects with the first failure. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.open.reverse()) {
      try {
        await close();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
