/** The writes that can be lost, or done and then reported as failed; `deliver` is a whole delivery of an event, which may come again. */
export type Step = 'outbox insert' | 'publish' | 'mark published' | 'inbox insert' | 'commit' | 'ack' | 'deliver';

/** Every such write goes through one of these, so that a test can break it at exactly that place. */
export type ThroughStep = <T>(step: Step, work: () => Promise<T>) => Promise<T>;

/** Nothing is broken on purpose. */
export const unbroken: ThroughStep = (_step, work) => work();
