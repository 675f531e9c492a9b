import type { Grant, Verdict } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import type { Broker } from './a-broker.js';
import { call, ok } from './a-caller.js';
import type { Agreed } from './two-companies.js';

interface Row {
  readonly code: string;
  readonly clause: string | null;
  readonly whose: string;
  readonly own: readonly string[] | null;
}

/** What the log of an agreement says of refused sessions, and what of it is kept for one company. */
export async function refusalsOf(broker: Broker, { agreement }: Agreed, kind = 'session.refused') {
  const rows = await broker.database.query<Row>(
    `select a.body ->> 'code' as code, a.body ->> 'clause' as clause, o.organisation as whose, o.opened as own
     from audit.appended a left join audit.own_disclosure o using (position)
     where a.log = $1 and a.body ->> 'kind' = $2 order by a.position`,
    [agreement.id, kind],
  );
  return rows.map(({ code, clause, whose, own }) => {
    const [, , said] = JSON.parse(Buffer.from(own?.[0] ?? 'W10', 'base64url').toString('utf8')) as string[];
    return [code, clause, whose, said].filter((one) => one !== null);
  });
}

/** What the buyer's agent says of a grant, when it is asked to. */
export const saysOf =
  (broker: Broker, { who }: Agreed, grant: Grant) =>
  async (outcome: 'clear' | 'blocked', issuedAt: number) => {
    const verdict: Verdict = {
      typ: 'verdict',
      v: 1,
      kind: 'embargo',
      organisation: who.buyer.organisation,
      grant: digestOf(grant),
      outcome,
      snapshot: digestOf('list of today'),
      issuedAt,
      expiresAt: issuedAt + 600_000,
    };
    const by = who.buyerAgent.signer;
    await ok(call(broker, by, 'POST', '/v1/verdicts', { verdict: await signed(verdict, by, Date.now()) }));
  };
