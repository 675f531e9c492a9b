import { randomBytes } from 'node:crypto';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { AskOf, IssueToken, RefusalCode } from '@interlock/contracts';
import { allow, approversSaid, clauseOfLogin, type Decision, type Instant, refuse } from '@interlock/domain';
import { digestOfToken, peekLoginProof } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import { insertToken } from '../store/token.store.js';
import type { Verbs } from '../verbs.js';
import { advise } from './advise.js';
import { knownAs } from './known-as.js';
import { lookAt } from './look-at.js';
import { refused, usesProof } from './open-session.command.js';
import { about } from './sign-grant.command.js';

type Ask = AskOf<typeof IssueToken>;

/** A token lives this long at most, and no longer than the login proof behind it. Milliseconds. */
const TOKEN_LIFE = 300_000;

/**
 * Issues a token for a right that stands now, by the rules of a session; evidence is committed with it. The token names a row here and says
 * nothing itself: whoever is shown it asks, and what is answered is judged again.
 */
export async function issueToken(
  verbs: Verbs,
  asked: Ask,
): Promise<Decision<{ token: string; expiresAt: Instant }, RefusalCode>> {
  const looked = await lookAt(verbs, asked, asked.caller.organisation);
  if (!looked.allowed) return looked;
  const ask = knownAs(asked, looked.value);
  const { grant, held, material } = looked.value;
  const now = verbs.clock.now();
  const advised = await advise(ask, grant, held, material, now);
  if (!advised.allowed) {
    const no = await refused(verbs, ask, grant, advised, now, 'token.refused');
    // Which login would do stands in the agreement, which the subject's side signed: a challenge says it (RFC 9470).
    const { code, clause, detail } = advised.refusal;
    return code === 'login_over' || code === 'login_too_weak' ? refuse(code, { clause, detail }) : no;
  }
  const { chain, proof } = advised.value;
  const { loginProof, resource, action } = ask.ask;
  const expiresAt = Math.min(now + TOKEN_LIFE, vouchedUntil(loginProof));
  const token = randomBytes(32).toString('base64url');
  const { subject, jkt } = chain;
  const of = { grant: grant.id, parties: grant.parties, jkt, subject, resource, action, loginProof };
  const kept = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    if (!(await usesProof(tx, ask, proof))) return false;
    await insertToken(tx, { ...of, digest: digestOfToken(token), issuedAt: now, expiresAt });
    await record(tx, verbs.ids, {
      ...about(grant, now),
      kind: 'token.issued',
      outcome: 'allow',
      organisation: subject.organisation,
      subject,
      resource,
      clause: clauseOfLogin(chain),
      ...approversSaid(chain.approvers),
      documents: [...new Set([...chain.documents, proof])].slice(0, 64),
    });
    return true;
  });
  return kept ? allow({ token, expiresAt }) : refused(verbs, ask, grant, refuse('proof_used_up'), now, 'token.refused');
}

/** When the login proof behind a token is over; never where a certificate is behind it. */
const vouchedUntil = (loginProof: string | null): Instant =>
  loginProof === null ? Number.POSITIVE_INFINITY : (peekLoginProof(loginProof)?.exp ?? 0) * 1000;
