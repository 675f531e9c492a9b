import type { Tx } from '@interlock/chassis/db';
import type { RefusalCode } from '@interlock/contracts';
import {
  type HeldAnnex,
  MACHINE_TRANSITIONS,
  type MachineStatus,
  mayBecome,
  type ResourceRef,
} from '@interlock/domain';
import { lockMachine, type MachineRow, moveMachine } from '../store/annex.store.js';

/**
 * Moves a machine where its record or transfer says, or returns why it may not: a record follows the newest one by number and digest, and
 * what was given away or taken out of service stays so. The same document under a second agreement moves nothing again.
 */
export async function followMachine(tx: Tx, { annex, digest }: HeldAnnex): Promise<RefusalCode | undefined> {
  if (annex.typ === 'machine-record') {
    const { resource, sequence, previous, state } = annex;
    const before = await lockMachine(tx, resource);
    if (before?.digest === digest) return undefined;
    const follows = sequence === (before?.sequence ?? 0) + 1 && previous === (before?.digest ?? null);
    return follows ? move(tx, resource, before, { sequence, digest, state }) : 'annex_out_of_order';
  }
  if (annex.typ !== 'machine-transfer') return undefined;
  const before = await lockMachine(tx, annex.from);
  if (!before || before.digest === digest) return undefined;
  return move(tx, annex.from, before, { sequence: before.sequence + 1, digest, state: 'transferred' });
}

async function move(
  tx: Tx,
  resource: ResourceRef,
  before: MachineRow | undefined,
  to: MachineRow,
): Promise<RefusalCode | undefined> {
  const legal = before
    ? mayBecome<MachineStatus>(MACHINE_TRANSITIONS, before.state, to.state)
    : to.state === 'commissioned';
  if (!legal) return 'illegal_transition';
  return (await moveMachine(tx, resource, to)) ? undefined : 'annex_out_of_order';
}
