const MOST_FAILURES = 10;
const WINDOW_MS = 60_000;
const MOST_NAMES = 10_000;

/**
 * Slows down guessing: after ten wrong passwords for a name within a minute, the name waits until the minute is over. Names that do not exist
 * are counted like others, so that the wait tells nothing. Time is milliseconds.
 */
export class LoginThrottle {
  readonly #failures = new Map<string, { since: number; count: number }>();

  mayTry(login: string, now: number): boolean {
    const failed = this.#failures.get(login.toLowerCase());
    return !failed || now - failed.since >= WINDOW_MS || failed.count < MOST_FAILURES;
  }

  failed(login: string, now: number): void {
    const name = login.toLowerCase();
    const before = this.#failures.get(name);
    const current = before && now - before.since < WINDOW_MS ? before : { since: now, count: 0 };
    this.#failures.delete(name);
    this.#failures.set(name, { since: current.since, count: current.count + 1 });
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= MOST_NAMES) break;
      this.#failures.delete(oldest);
    }
  }

  succeeded(login: string): void {
    this.#failures.delete(login.toLowerCase());
  }
}
