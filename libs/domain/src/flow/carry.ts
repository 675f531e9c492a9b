import type { Grant } from '../documents/right.js';
import { type LocalId, type ResourceRef, type SubjectRef, sameSubject } from '../names.js';

/** Who hands data in, as its own key and certificate say. */
export interface Presenter {
  readonly subject: SubjectRef;
  /** The machines that its own company's certificate names. */
  readonly resources: readonly LocalId[];
}

/**
 * Whether this presenter may carry data of this machine into this flow. A machine carries its own. A collector of the machine's owner carries for the
 * machines on its certificate; one of the other company only as a further subject of the flow's grant, which both sides signed. The first
 * subject opens what was sealed and carries nothing.
 */
export function mayCarry(grant: Grant, machine: ResourceRef, { subject, resources }: Presenter): boolean {
  if (!grant.resources.some((one) => one.owner === machine.owner && one.id === machine.id)) return false;
  if (subject.organisation === machine.owner) {
    if (subject.kind === 'machine') return subject.id === machine.id;
    return subject.kind === 'workload' && resources.includes(machine.id);
  }
  return subject.kind === 'workload' && grant.subjects.slice(1).some((one) => sameSubject(one, subject));
}
