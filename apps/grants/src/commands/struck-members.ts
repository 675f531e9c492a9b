import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { Approvable } from '@interlock/domain';
import { strikesUnder } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import type { Material } from './material.js';

/** What the registry knows, and who was struck from member lists, where the right names some: the registry holds no acts on members. */
export async function withStrikes(
  verbs: Pick<Verbs, 'transactor'>,
  document: Approvable,
  material: Material,
): Promise<Material> {
  if (document.typ === 'delegation' || !document.memberLists) return material;
  const struck = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return strikesUnder(tx, document.agreementId);
  });
  return { ...material, acts: [...material.acts, ...struck] };
}
