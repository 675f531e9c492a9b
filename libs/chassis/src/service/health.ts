/** One thing a service needs in order to do its work. Returns why it cannot, or undefined. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

const CHECK_TIMEOUT_MS = 2_000;

/** Whether the process lives, and whether it can do its work now. */
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private closing = false;

  add(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From here on the service is not ready, whatever the checks say: it is ending. */
  close(): void {
    this.closing = true;
  }

  /** Every reason why the service is not ready, by the name of the check; empty when it is. Never throws. */
  async troubles(): Promise<Readonly<Record<string, string>>> {
    const found = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    const troubles = found.filter((one): one is readonly [string, string] => one[1] !== undefined);
    return Object.fromEntries(this.closing ? [...troubles, ['service', 'ending']] : troubles);
  }
}

/** A check that fails or hangs is trouble; what it threw stays inside. */
async function outcomeOf(check: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer'), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), tooLate]);
  } catch {
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
