import { createHash } from 'node:crypto';
import {
  allow,
  type Batch,
  type DataTerm,
  type Decision,
  heardBy,
  type Instant,
  labelNotAgreed,
  type MachineEvent,
  type Minimise,
  type Minimised,
  type Refusal,
  refuse,
  type SubjectRef,
  sameSubject,
} from '@interlock/domain';
import { MOST_WAITING, type Spool } from './spool.js';

/** Who handed the event in, and when it came here. */
export interface Pushed {
  readonly presenter: SubjectRef;
  readonly receivedAt: Instant;
}

/** `repeated`: the event was taken before and has no second effect. */
export type PushOutcome = 'accepted' | 'repeated';
export type PushRefusal = string;

interface Waiting extends Pushed {
  readonly name: string;
  readonly minimised: Minimised;
  readonly done: (outcome: Decision<PushOutcome, PushRefusal>) => void;
}

/** What is sealed together: of one presenter, and all or nothing of each event. */
export interface Lot extends Pick<Batch, 'receivedAt' | 'observations' | 'dropped'> {
  readonly presenter: SubjectRef;
  readonly events: readonly string[];
  settle(sealed: Decision<true>): void;
  /** The same as two; undefined where it is one event. */
  halves(): readonly [Lot, Lot] | undefined;
}

const MOST_OBSERVATIONS = 2_000;
/** More than this many events wait in memory only if the disk is slower than the network. */
export const MOST_QUEUED = 16_000;

/** Events of one flow between the door and the disk. One that is on its way is known by its name, so its twin waits for it. */
export class PushQueue {
  private waiting: Waiting[] = [];
  private readonly underWay = new Map<string, Promise<Decision<PushOutcome, PushRefusal>>>();

  constructor(
    private readonly minimise: Minimise,
    private readonly spool: Spool,
    private readonly term: DataTerm,
  ) {}

  get size(): number {
    return this.waiting.length;
  }

  async take(event: MachineEvent, from: Pushed): Promise<Decision<PushOutcome, PushRefusal>> {
    const taken = await this.queue(event, from);
    // Who pushes may be of another company than the one that judged for itself.
    if (taken.allowed) return taken;
    return { allowed: false, refusal: heardBy(from.presenter.organisation, taken.refusal) };
  }

  private async queue(event: MachineEvent, from: Pushed): Promise<Decision<PushOutcome, PushRefusal>> {
    const label = labelNotAgreed(event.labels, this.term);
    if (label) return refuse('label_unknown', { clause: `${label.attribute} ${label.label}` });
    const name = nameOf(event);
    if (this.spool.seen(name)) return allow('repeated');
    const twin = this.underWay.get(name);
    if (twin) return (await twin).allowed ? allow('repeated') : twin;
    if (this.spool.size >= MOST_WAITING || this.waiting.length >= MOST_QUEUED) return refuse('edge_full');
    const minimised = this.minimise(event.readings);
    const settled = new Promise<Decision<PushOutcome, PushRefusal>>((done) => {
      this.waiting.push({ ...from, name, minimised, done });
    });
    this.underWay.set(name, settled);
    return settled.finally(() => this.underWay.delete(name));
  }

  /** The next events of one presenter. Call only where something waits. */
  next(): Lot {
    const [first] = this.waiting;
    if (!first) throw new Error('nothing waits to be sealed');
    let count = 0;
    let observations = 0;
    for (const one of this.waiting) {
      observations += one.minimised.leaving.length;
      if (!sameSubject(one.presenter, first.presenter) || (count > 0 && observations > MOST_OBSERVATIONS)) break;
      count += 1;
    }
    return lotOf(first.presenter, this.waiting.splice(0, count));
  }

  /** All that waits, or all of one presenter. */
  refuseAll(refusal: Refusal, of?: SubjectRef): void {
    const isOf = (one: Waiting) => of === undefined || sameSubject(one.presenter, of);
    const refused = this.waiting.filter(isOf);
    this.waiting = this.waiting.filter((one) => !isOf(one));
    for (const one of refused) one.done({ allowed: false, refusal });
  }
}

function lotOf(presenter: SubjectRef, taken: readonly Waiting[]): Lot {
  const middle = Math.ceil(taken.length / 2);
  return {
    presenter,
    receivedAt: Math.max(...taken.map((one) => one.receivedAt)),
    observations: taken.flatMap(({ minimised }) => minimised.leaving.map(({ at, key, value }) => ({ at, key, value }))),
    dropped: taken.flatMap(({ minimised }) => minimised.dropped).reduce((sum, one) => sum + one.count, 0),
    events: taken.map((one) => one.name),
    settle: (sealed) => {
      for (const one of taken) one.done(sealed.allowed ? allow('accepted') : sealed);
    },
    halves: () =>
      taken.length < 2 ? undefined : [lotOf(presenter, taken.slice(0, middle)), lotOf(presenter, taken.slice(middle))],
  };
}

/** The event's name of constant length: what a machine calls itself and its events stays out of the lists on the disk. */
const nameOf = ({ source, id }: MachineEvent): string =>
  createHash('sha256').update(`${source}\0${id}`).digest('base64url').slice(0, 22);
