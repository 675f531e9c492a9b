import { digest } from '@interlock/contracts';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { type SignYes, signWithPassphrase } from '../grants/approve-grant.js';
import type { Attempts } from '../login/attempts.js';
import type { Session } from '../login/sessions.js';
import type { PasskeyDesk } from '../passkeys/passkey-desk.js';
import { passphrase } from './grant-reply.js';
import { passkeyAnswer } from './passkey-answer.js';

const formToken = z.string().max(100).optional();
/** The digest a person was shown, and what he typed or touched; with these fields beside it. */
export const signedYes = <Shape extends z.ZodRawShape>(beside: Shape) =>
  z.union([
    z.strictObject({ digest, passphrase, formToken, ...beside }),
    z.strictObject({ digest, ...passkeyAnswer, formToken, ...beside }),
  ]);

type SaidYes = z.infer<ReturnType<typeof signedYes<Record<never, never>>>>;

export interface YesParts {
  readonly agent: Agent;
  readonly passkeys: PasskeyDesk;
  readonly attempts: Attempts;
}

/** Signs by the person's key file, or by the passkey that was asked for this very document. */
export const signsBy =
  ({ agent, passkeys, attempts }: YesParts, session: Session, said: SaidYes): SignYes =>
  (document) =>
    'answer' in said
      ? Promise.resolve(passkeys.signature(session, said.digest, said.attempt, said.answer))
      : signWithPassphrase(agent, session, document, said.passphrase, attempts);
