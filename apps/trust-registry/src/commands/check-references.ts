import type { Tx } from '@interlock/chassis/db';
import type { RefusalCode } from '@interlock/contracts';
import {
  type AgreementId,
  type Annex,
  type MachineRecord,
  type MachineTransfer,
  refuse,
  sameResource,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { annexesOfDigest, annexIsHeld, lockMachine, machineState } from '../store/annex.store.js';

type Fault = ReturnType<typeof refuse<RefusalCode>>;

/**
 * Why what an annex names is not there, or leads back to where it began; undefined where it holds. A yes to a statement that nobody made, or a machine
 * that was taken over from nobody, would be believed later, when somebody hands in what fits.
 */
export async function referenceFault(tx: Tx, id: AgreementId, document: Annex): Promise<Fault | undefined> {
  switch (document.typ) {
    case 'acceptance': {
      const here = await annexIsHeld(tx, id, document.attestation, 'attestation');
      return here ? undefined : refuse('reference_dangling', { clause: 'attestation' });
    }
    case 'machine-record':
      return takenOverFault(tx, document);
    case 'machine-transfer':
      return transferFault(tx, document);
    default:
      return undefined;
  }
}

async function takenOverFault(tx: Tx, { takenOver, resource }: MachineRecord): Promise<Fault | undefined> {
  if (takenOver === null) return undefined;
  const transfers = await annexesOfDigest(tx, 'machine-transfer', takenOver);
  const leadsHere = transfers.some((one) => one.typ === 'machine-transfer' && sameResource(one.to, resource));
  return leadsHere ? undefined : refuse('reference_dangling', { clause: 'takenOver' });
}

/** A name has one life: what was given away does not come back under it, however many owners stand between. */
async function transferFault(tx: Tx, { from, to, nameplate }: MachineTransfer): Promise<Fault | undefined> {
  const there = await machineState(tx, to);
  if (there === 'transferred') return refuse('reference_cyclic', { clause: 'to' });
  if (there === 'decommissioned') return refuse('illegal_transition', { clause: 'to' });
  const newest = await lockMachine(tx, from);
  const records = newest ? await annexesOfDigest(tx, 'machine-record', newest.digest) : [];
  const differs = records.some((one) => one.typ === 'machine-record' && digestOf(one.nameplate) !== nameplate);
  return differs ? refuse('reference_dangling', { clause: 'nameplate' }) : undefined;
}
