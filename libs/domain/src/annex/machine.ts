import { isNamed, selectedBy } from '../agreement/agreed-as.js';
import type { Agreement, MachinesTerm } from '../documents/agreement.js';
import type { HeldAnnex, MachineRecord, MachineState, MachineTransfer } from '../documents/annex.js';
import type { Instant } from '../instant.js';
import type { ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import { annexesOf } from './held.js';

/** Where a machine stands at its owner. A transfer ends its life there; at the new owner it begins again. */
export type MachineStatus = MachineState | 'transferred';

/** `decommissioned` and `transferred` have no way out: who puts a machine back to work commissions it under another name. */
export const MACHINE_TRANSITIONS: Readonly<Record<MachineStatus, readonly MachineStatus[]>> = {
  commissioned: ['commissioned', 'decommissioned', 'transferred'],
  decommissioned: [],
  transferred: [],
};

export type MachineRefusal =
  | 'machine_transferred'
  | 'machine_decommissioned'
  | 'machine_unrecorded'
  | 'machine_moved'
  | 'support_over';

const machinesTerm = (agreement: Agreement): MachinesTerm | undefined =>
  agreement.terms.find((term): term is MachinesTerm => term.type === 'machines');

/** The newest record of a machine. Of two of one number the one that ends its life counts: nobody can say which came first. */
export function newestRecord(
  annexes: readonly HeldAnnex[],
  resource: ResourceRef,
): HeldAnnex<MachineRecord> | undefined {
  const ended = ({ annex }: HeldAnnex<MachineRecord>) => Number(annex.state === 'decommissioned');
  return annexesOf(annexes, 'machine-record')
    .filter(({ annex }) => sameResource(annex.resource, resource))
    .sort((a, b) => b.annex.sequence - a.annex.sequence || ended(b) - ended(a))[0];
}

/** The transfer by which this owner gave the machine away, in effect at `now`. */
export const transferredAway = (
  annexes: readonly HeldAnnex[],
  resource: ResourceRef,
  now: Instant,
): HeldAnnex<MachineTransfer> | undefined =>
  annexesOf(annexes, 'machine-transfer').find(({ annex }) => sameResource(annex.from, resource) && annex.at <= now);

/**
 * Whether an agreement still covers a machine, by what its owner signed about it: not given away, not taken out of service, and, where the
 * agreement asks for a record, recorded, where it was agreed to stand, and supported. The first thing that is wrong, or undefined.
 */
export function machineFault(
  agreement: Agreement,
  resource: ResourceRef,
  annexes: readonly HeldAnnex[],
  now: Instant,
): MachineRefusal | undefined {
  if (transferredAway(annexes, resource, now)) return 'machine_transferred';
  const record = newestRecord(annexes, resource)?.annex;
  if (record?.state === 'decommissioned') return 'machine_decommissioned';
  if (!isNamed(agreement, resource)) return selectionFault(agreement, record);
  const term = machinesTerm(agreement);
  if (!term?.resources.some((one) => sameResource(one, resource))) return undefined;
  if (!record) return 'machine_unrecorded';
  if (!term.sites.includes(record.site) || !term.zones.includes(record.zone)) return 'machine_moved';
  const over = record.supportEndsAt !== null && record.supportEndsAt <= now;
  return over && term.afterSupport === 'refuse' ? 'support_over' : undefined;
}

/** A machine that the agreement does not name is covered by where it stands, so it has to be recorded, and there. */
function selectionFault(agreement: Agreement, record: MachineRecord | undefined): MachineRefusal | undefined {
  if (!record) return 'machine_unrecorded';
  return selectedBy(agreement, record) ? undefined : 'machine_moved';
}
