import type { Standing } from '@interlock/contracts';
import {
  afterBeat,
  allow,
  believable,
  type Decision,
  type LocalId,
  type Monotonic,
  NO_LEASE,
  type OrganisationId,
  refuse,
  skewMilliseconds,
} from '@interlock/domain';
import { digestOfActs, verifyBeat } from '@interlock/proof';
import { type HeldAgreement, ringOf, takeStatusList } from './held-agreement.js';

export interface BeatContext {
  readonly receiver: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly nonceSentAt: Monotonic | undefined;
  readonly arrivedAt: Monotonic;
  readonly now: number;
}

/** A beat, with the status list it names. It moves the lease only where this gateway holds exactly what the beat names. */
export async function takeBeat(
  held: HeldAgreement,
  input: { beat: Parameters<typeof verifyBeat>[0]; statusList: Standing['statusLists'][number] },
  context: BeatContext,
): Promise<Decision<OrganisationId>> {
  const list = await takeStatusList(held, input.statusList, context.now);
  if (!list.allowed) return list;
  const from = input.statusList.document.organisation;
  const entity = held.ring.entities.get(from);
  const status = held.statusLists.get(from);
  if (!entity || !status) return refuse('not_a_party');
  const own = [...held.acts.values()].filter(({ act }) => act.organisation === from).map(({ digest }) => digest);
  const holding = { agreement: held.digest, entity: entity.digest, acts: digestOfActs(own), status: status.digest };
  const beat = await verifyBeat(input.beat, ringOf(held), context.receiver, holding, context.now);
  if (!beat.allowed) return beat;
  if (beat.value.organisation !== from || beat.value.agreementId !== held.agreement.id) return refuse('not_a_party');
  if (!believable(beat.value.issuedAt, context.now, skewMilliseconds(held.agreement)))
    return refuse('from_the_future', { clause: 'clock-skew' });
  if (beat.value.epoch < (held.epochs.get(from) ?? 0)) return refuse('epoch_over', { clause: 'beat' });
  held.epochs.set(from, beat.value.epoch);
  held.remembered.words.epoch(held.agreement.id, from, beat.value.epoch);
  const arrival = { nonceSentAt: context.nonceSentAt, issuedAt: beat.value.issuedAt, arrivedAt: context.arrivedAt };
  held.leases.set(from, afterBeat(held.leases.get(from) ?? NO_LEASE, arrival));
  return allow(from);
}
