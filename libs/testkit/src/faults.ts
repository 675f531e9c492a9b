/** What of the chassis can be broken or repeated; the same names as its `Step`. */
export type BreakableStep =
  | 'outbox insert'
  | 'publish'
  | 'mark published'
  | 'inbox insert'
  | 'commit'
  | 'ack'
  | 'deliver';

/** Every event comes twice to every consumer, as a bus may deliver it. Give it to `startService({ through })`. */
export const everythingTwice = async <T>(step: BreakableStep, work: () => Promise<T>): Promise<T> => {
  if (step === 'deliver') await work();
  return work();
};

/** Nothing was done, or everything was done and only the report of it is lost. */
export type HowItBreaks = 'is lost' | 'is done but reported as failed';

export interface PlannedFault {
  readonly step: BreakableStep;
  readonly how: HowItBreaks;
  /** How many times in a row. */
  readonly times: number;
}

/** What a broken step throws. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/** Breaks the next writes as planned. Give `faults.through` to `startService({ through })`. */
export class Faults {
  private readonly planned: { step: BreakableStep; how: HowItBreaks; left: number }[] = [];
  private readonly struck: PlannedFault[] = [];

  plan(fault: PlannedFault): void {
    this.planned.push({ step: fault.step, how: fault.how, left: fault.times });
  }

  /** How many faults have struck: a test that expects a fault must see that it happened. */
  get count(): number {
    return this.struck.length;
  }

  readonly through = async <T>(step: BreakableStep, work: () => Promise<T>): Promise<T> => {
    const fault = this.planned.find((one) => one.step === step && one.left > 0);
    if (!fault) return work();
    fault.left -= 1;
    this.struck.push({ step, how: fault.how, times: 1 });
    if (fault.how === 'is done but reported as failed') await work();
    throw new InjectedFault(`${step} ${fault.how}`);
  };
}
