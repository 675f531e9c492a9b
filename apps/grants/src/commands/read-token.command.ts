import type { ReadToken, ReplyOf } from '@interlock/contracts';
import type { Digest, OrganisationId } from '@interlock/domain';
import { findLivingToken } from '../store/token.store.js';
import type { Verbs } from '../verbs.js';
import { advise } from './advise.js';
import { lookAt } from './look-at.js';

/**
 * What a token stands for at this moment. The right behind it is judged again from its documents by the rule that issued it, so that a cut
 * of a grant, a person or a key ends it with no list of tokens to keep in step.
 */
export async function readToken(
  verbs: Verbs,
  organisation: OrganisationId,
  digest: Digest,
): Promise<ReplyOf<typeof ReadToken>['token']> {
  const row = await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return findLivingToken(tx, digest, verbs.clock.now());
  });
  if (!row) return null;
  const { grant, subject, resource, action, jkt, loginProof, issuedAt, expiresAt } = row;
  const { kind } = subject;
  if (kind !== 'person' && kind !== 'machine' && kind !== 'workload') return null;
  const caller = { organisation: subject.organisation, kind, id: subject.id, thumbprint: jkt };
  const ask = { caller, ask: { grant, resource, action, loginProof } };
  const looked = await lookAt(verbs, ask, organisation);
  if (!looked.allowed) return null;
  const { held, material } = looked.value;
  const advised = await advise(ask, looked.value.grant, held, material, verbs.clock.now());
  if (!advised.allowed) return null;
  const { listed, acr, loggedInAt } = advised.value.chain;
  const login = acr !== null && loggedInAt !== null && { login: { acr, at: loggedInAt } };
  return { grant, subject, resource, action, jkt, issuedAt, expiresAt, ...(listed && { listed }), ...login };
}
