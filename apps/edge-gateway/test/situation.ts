import type { Standing } from '@interlock/contracts';
import type {
  Act,
  Agreement,
  Annex,
  Grant,
  LocalId,
  OrganisationId,
  Signal,
  Term,
  Verdict,
  Waiting,
} from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { handedInBeside, signedPaper } from './sign-paper.js';
import { standingOf } from './two-sides.js';

/** What stands before the gateway. Everything that a case does not name is honest, whole and fresh. */
export interface Situation {
  /** Stand in place of the terms of the same clause, or beside those there are. */
  readonly terms?: readonly Term[];
  readonly agreement?: Partial<Agreement>;
  /** A party that stands in the agreement with a root that nobody pinned. */
  readonly otherRoot?: OrganisationId;
  readonly grant?: Partial<Grant>;
  readonly action?: LocalId;
  /** Acts on the whole agreement, of the buyer where they do not say otherwise. */
  readonly acts?: readonly Partial<Act>[];
  /** Of the buyer, over the grant. */
  readonly verdicts?: readonly Partial<Verdict>[];
  /** Papers beside the agreement, each signed by the company whose word it is. */
  readonly annexes?: readonly Annex[];
  /** Parties that never said "still agreed". */
  readonly silent?: readonly OrganisationId[];
  /** Of the buyer, over its press. */
  readonly signals?: readonly Partial<Signal>[];
  /** Milliseconds since both sides last said "still agreed". */
  readonly after?: number;
  /** Sessions of the grant that are open at this gateway. */
  readonly open?: number;
  /** Whether the broker can be reached. */
  readonly online?: boolean;
  /** For how long records of this gateway have waited for a witness, in milliseconds. */
  readonly waiting?: Waiting;
  /** What stands on the provisioning list, where that is more than one press. */
  readonly machines?: readonly LocalId[];
  /** When work began in the window of the grant. */
  readonly begunAt?: number;
}

export async function everythingOf(
  right: Right,
  { acts = [], verdicts = [], annexes = [] }: Situation,
): Promise<Standing> {
  const { buyer, buyerAgent, vendorAgent } = right.who;
  const signedActs = acts.map((over, at) => {
    const act: Act = {
      typ: 'act',
      v: 1,
      verb: 'suspend',
      organisation: BUYER,
      agreementId: right.agreement.id,
      target: { kind: 'agreement', id: right.agreement.id },
      reason: 'a case',
      lifts: null,
      sequence: at + 1,
      previous: null,
      issuedAt: NOW,
      ...over,
    };
    const agent = act.organisation === VENDOR ? vendorAgent : buyerAgent;
    return signed(act, act.verb === 'terminate' ? buyer.agreement : agent.signer, NOW);
  });
  const signedVerdicts = verdicts.map((over) => {
    const verdict: Verdict = {
      typ: 'verdict',
      v: 1,
      kind: 'embargo',
      organisation: BUYER,
      grant: digestOf(right.grant),
      outcome: 'clear',
      snapshot: digestOf(right.agreement),
      issuedAt: NOW,
      expiresAt: NOW + 86_400_000,
      ...over,
    };
    return signed(verdict, buyerAgent.signer, NOW);
  });
  const signedAnnexes = annexes.map((annex) => signedPaper(annex, right.who));
  const more = await handedInBeside(right);
  return standingOf(right, {
    acts: [...(await Promise.all(signedActs)), ...more.acts],
    verdicts: await Promise.all(signedVerdicts),
    annexes: [...(await Promise.all(signedAnnexes)), ...more.annexes],
  });
}
