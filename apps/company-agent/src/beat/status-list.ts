import {
  type Agreement,
  type AgreementId,
  type HeldAct,
  packStatuses,
  type Signed,
  type StatusList,
  statusOfLogin,
} from '@interlock/domain';
import { packList, type Signer, signed } from '@interlock/proof';
import type { IssuedLogins } from '../login/issued-logins.js';
import type { StoredAct } from '../own/own-store.js';

/** How long a list counts, in milliseconds. It is signed again at half of it. */
const LIFE = 86_400_000;
/** Lists grow by this many entries, one step ahead: the list that a receiver holds has room for logins that were issued after it. */
const STEP = 4_096;

/** Where the list of one agreement is published: at the agent's own origin. */
export const listUri = (origin: string, agreementId: AgreementId): string => `${origin}/status-lists/${agreementId}`;

/** Ids that this company's acts made invalid: grants, sessions and keys. They only ever add up. */
export function invalidIds(acts: readonly StoredAct[]): readonly string[] {
  const ids = acts.flatMap(({ act: { document } }) =>
    document.verb === 'revoke' && ['grant', 'session', 'key'].includes(document.target.kind)
      ? [document.target.id]
      : [],
  );
  return [...new Set<string>(ids)].sort();
}

/** What a list is made of: this company's acts, every act it holds, and the agreement in force. */
export interface ListAsk {
  readonly agreement: Agreement;
  readonly own: readonly StoredAct[];
  readonly held: readonly HeldAct[];
  readonly now: number;
}

/**
 * Signs status lists of one company. The number is how many acts the list rests on, so it grows with every act and is the same after a
 * restart; the same content is not signed again while half of its life is left, so that receivers agree on one digest. The entries of logins
 * follow the acts of partners too: a login into a right that the owner revoked is over, whoever said so.
 */
export function statusLists(signer: Signer, origin: string, logins: IssuedLogins) {
  const made = new Map<AgreementId, Signed<StatusList>>();
  const packed = packedLogins(signer, logins);
  return async ({ agreement, own, held, now }: ListAsk): Promise<Signed<StatusList>> => {
    const before = made.get(agreement.id);
    const sequence = held.length;
    const lst = packed(agreement, held);
    const same = before?.document.sequence === sequence && before.document.logins?.lst === lst;
    if (before && same && before.document.expiresAt - now > LIFE / 2 && before.document.issuedAt <= now) return before;
    const list: StatusList = {
      ...{ typ: 'status-list', v: 1, organisation: signer.organisation, agreementId: agreement.id, sequence },
      invalid: invalidIds(own),
      logins: { sub: listUri(origin, agreement.id), bits: 2, lst },
      issuedAt: now,
      expiresAt: now + LIFE,
    };
    const again = await signed(list, signer, now);
    made.set(agreement.id, again);
    return again;
  };
}

/** The packed entries of one agreement. What they rest on only ever grows, so it is packed again when one of the two counts has. */
function packedLogins({ organisation }: Signer, logins: IssuedLogins) {
  const kept = new Map<AgreementId, { readonly of: string; readonly lst: string }>();
  return (agreement: Agreement, held: readonly HeldAct[]): string => {
    const issued = logins.of(agreement.id);
    const of = `${issued.length} ${held.length}`;
    const before = kept.get(agreement.id);
    if (before?.of === of) return before.lst;
    const entries = issued.map((login) => [login.idx, statusOfLogin(login, organisation, agreement, held)] as const);
    const reach = Math.max(0, ...issued.slice(-STEP).map(({ idx }) => idx));
    const length = (Math.floor(reach / STEP) + 2) * STEP;
    const lst = packList(packStatuses(new Map(entries), length, 2));
    kept.set(agreement.id, { of, lst });
    return lst;
  };
}
