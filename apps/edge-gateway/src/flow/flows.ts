import {
  type AgreementId,
  comesBack,
  type Grant,
  type InspectionRefusal,
  loggedReason,
  type Refusal,
  type ResourceRef,
  type Signed,
  sameResource,
} from '@interlock/domain';
import type { Provisioned } from '../provisioning.js';
import { eraseEnded } from './erase-ended.js';
import { type FlowsOptions, type LiveFlow, mayGoOn, openFlow } from './open-flow.js';

export interface Flows {
  /** Cuts every flow that may no longer run, starts those that may, and says when to look again (monotonic milliseconds). */
  review(): number;
  closeAll(code: string): number;
  stop(): Promise<void>;
  readonly live: readonly string[];
  /** Every flow that runs now. */
  all(): readonly LiveFlow[];
  /** The flows that collect from this machine now. */
  of(machine: ResourceRef): readonly LiveFlow[];
  /** Where data of this machine is taken instead, if a right to it is in force and the agreement has it inspected elsewhere. */
  elsewhere(machine: ResourceRef): InspectionRefusal | undefined;
  /** Whether a flow that collects from this machine may open without anybody signing anew: it is being judged, or what it waits for comes back. */
  opening(machine: ResourceRef): boolean;
}

const ERASE_EVERY = 60_000;

/** The flows of this gateway: judged one by one, looked at again at every change, cut without waiting for anything. */
export const startFlows = (options: FlowsOptions): Flows => new LiveFlows(options);

class LiveFlows implements Flows {
  private readonly flows = new Map<string, LiveFlow>();
  private readonly starting = new Set<string>();
  private readonly refusedBefore = new Map<string, string>();
  private stopped = false;
  private eraseFrom = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: FlowsOptions) {}

  get live(): readonly string[] {
    return [...this.flows.keys()];
  }

  all(): readonly LiveFlow[] {
    return [...this.flows.values()];
  }

  of(machine: ResourceRef): readonly LiveFlow[] {
    return this.all().filter((flow) => sameResource(flow.judged.term.resource, machine));
  }

  elsewhere(machine: ResourceRef): InspectionRefusal | undefined {
    for (const { flows } of this.options.keeper.agreements.values())
      for (const { document } of flows) {
        const code = this.refusedBefore.get(document.id);
        const isOf = document.resources.some((one) => sameResource(one, machine));
        if (isOf && (code === 'inspected_at_plant' || code === 'inspected_in_region')) return code;
      }
    return undefined;
  }

  opening(machine: ResourceRef): boolean {
    const held = [...this.options.keeper.agreements.values()].flatMap(({ flows }) => flows);
    return held.some(({ document }) => {
      if (!isOurs(this.options.self, document) || this.flows.has(document.id)) return false;
      if (!document.resources.some((one) => sameResource(one, machine))) return false;
      // Nothing was said of one that ended just now, or is judged for the first time.
      const said = this.refusedBefore.get(document.id);
      return this.starting.has(document.id) || said === undefined || comesBack(said);
    });
  }

  review(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const [id, flow] of this.flows) {
      const still = mayGoOn(this.options, flow.judged);
      if (!still.allowed) this.end(id, still.refusal);
      else next = Math.min(next, still.value.until);
    }
    for (const [agreement, held] of this.options.keeper.agreements) {
      for (const grant of held.flows) if (isOurs(this.options.self, grant.document)) this.tryStart(agreement, grant);
    }
    this.eraseEnded();
    return next;
  }

  closeAll(code: string): number {
    const all = [...this.flows.keys()];
    for (const id of all) this.end(id, { code });
    return all.length;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.flows.values()].map((flow) => flow.delivery.stop()));
  }

  /** A folder is looked into once a minute: what has ended is in no hurry. */
  private eraseEnded(): void {
    const now = this.options.clock.monotonic();
    if (this.stopped || now < this.eraseFrom) return;
    this.eraseFrom = now + ERASE_EVERY;
    eraseEnded(this.options, new Set([...this.flows.keys(), ...this.starting])).catch((cause: unknown) =>
      this.options.log.error({ event: 'flow.fault' }, 'what has ended could not be erased', cause),
    );
  }

  private tryStart(agreement: AgreementId, grant: Signed<Grant>): void {
    const id = grant.document.id;
    if (this.stopped || this.flows.has(id) || this.starting.has(id)) return;
    this.starting.add(id);
    openFlow(this.options, agreement, grant)
      .then((opened) => {
        if (!opened.allowed) return this.refused(agreement, id, opened.refusal);
        this.refusedBefore.delete(id);
        this.flows.set(id, opened.value);
        // A stop, or a cut in the turn between, must not leave a flow that nobody ends.
        if (this.stopped) this.end(id, { code: 'gateway_stopping' });
        return undefined;
      })
      .catch((cause: unknown) =>
        this.options.log.error({ event: 'flow.fault', session: id }, 'flow could not be opened', cause),
      )
      .finally(() => this.starting.delete(id));
  }

  private end(id: string, why: Refusal): void {
    const flow = this.flows.get(id);
    if (!flow) return;
    this.flows.delete(id);
    flow.source.stop();
    void flow.delivery.stop();
    const { chain, ask } = flow.judged;
    const at = this.options.clock.now();
    const { clause: _, ...reason } = loggedReason(why);
    const said = { kind: 'flow.cut', outcome: 'cut', at, ...reason, session: id, resource: ask.resource } as const;
    void this.options.book.note(chain.agreement.id, chain, said, true);
  }

  private refused(agreement: AgreementId, id: string, refusal: Refusal): void {
    const { code } = refusal;
    // One record for each reason, not one for each look.
    if (this.refusedBefore.get(id) === code) return;
    this.refusedBefore.set(id, code);
    // Nothing was refused: another enforcement point of this company carries it.
    if (code === 'inspected_at_plant' || code === 'inspected_in_region') return;
    const at = this.options.clock.now();
    const said = { kind: 'flow.refused', outcome: 'deny', at, session: id, ...loggedReason(refusal) } as const;
    void this.options.book.note(agreement, undefined, said, false);
  }
}

const isOurs = (self: Provisioned, grant: Grant): boolean =>
  grant.resources.every((resource) => resource.owner === self.organisation && self.resources.includes(resource.id));
