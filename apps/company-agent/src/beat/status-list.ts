import type { AgreementId, Signed, StatusList } from '@interlock/domain';
import { type Signer, signed } from '@interlock/proof';
import type { StoredAct } from '../own/own-store.js';

/** How long a list counts, in milliseconds. It is signed again at half of it. */
const LIFE = 86_400_000;

/** Ids that this company's acts made invalid: grants, sessions and keys. They only ever add up. */
export function invalidIds(acts: readonly StoredAct[]): readonly string[] {
  const ids = acts.flatMap(({ act: { document } }) =>
    document.verb === 'revoke' && ['grant', 'session', 'key'].includes(document.target.kind)
      ? [document.target.id]
      : [],
  );
  return [...new Set<string>(ids)].sort();
}

/**
 * Signs status lists of one company. The number is how many acts the list rests on, so it grows with every act and is the same after a
 * restart; the same content is not signed again while half of its life is left, so that receivers agree on one digest.
 */
export function statusLists(signer: Signer) {
  const held = new Map<AgreementId, Signed<StatusList>>();
  return async (agreementId: AgreementId, acts: readonly StoredAct[], now: number): Promise<Signed<StatusList>> => {
    const before = held.get(agreementId);
    const sequence = acts.length;
    const fresh = before && before.document.sequence === sequence && before.document.expiresAt - now > LIFE / 2;
    if (fresh && before.document.issuedAt <= now) return before;
    const list: StatusList = {
      typ: 'status-list',
      v: 1,
      organisation: signer.organisation,
      agreementId,
      sequence,
      invalid: invalidIds(acts),
      issuedAt: now,
      expiresAt: now + LIFE,
    };
    const made = await signed(list, signer, now);
    held.set(agreementId, made);
    return made;
  };
}
