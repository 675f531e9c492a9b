import type { Journal } from '@interlock/company-side';
import { agreementId, count, localId, thumbprint } from '@interlock/contracts';
import type { AgreementId, IssuedLogin } from '@interlock/domain';
import { z } from 'zod';

/** Every login proof this agent issued, by its entry in the list of the agreement it was for. */
export interface IssuedLogins {
  /** An entry that no other proof has or had, also over restarts. */
  nextIdx(agreement: AgreementId): number;
  issued(agreement: AgreementId, login: IssuedLogin): void;
  of(agreement: AgreementId): readonly IssuedLogin[];
}

const issuedEntry = z.looseObject({
  kind: z.literal('login-proof'),
  person: localId,
  jkt: thumbprint,
  agreementId,
  idx: count,
  rights: z.array(z.string().max(64)).max(20),
});

/** Reads back what was issued, so that an entry is never used for a second proof. */
export async function openIssuedLogins(journal: Journal): Promise<IssuedLogins> {
  const held = new Map<AgreementId, IssuedLogin[]>();
  const next = new Map<AgreementId, number>();
  const issued: IssuedLogins['issued'] = (agreement, login) => {
    const known = held.get(agreement);
    if (known) known.push(login);
    else held.set(agreement, [login]);
    next.set(agreement, Math.max(next.get(agreement) ?? 0, login.idx + 1));
  };
  for await (const { entry } of journal.readFrom(1)) {
    const { data } = issuedEntry.safeParse(entry);
    if (data) issued(data.agreementId, data);
  }
  return {
    nextIdx: (agreement) => {
      const idx = next.get(agreement) ?? 0;
      next.set(agreement, idx + 1);
      return idx;
    },
    issued,
    of: (agreement) => held.get(agreement) ?? [],
  };
}
