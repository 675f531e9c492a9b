import { allow, type Decision, type GrantId, type Thumbprint } from '@interlock/domain';
import { z } from 'zod';
import { waitingFor } from '../perform.js';
import { type BegunLogin, beginLogin } from './answer-on-loopback.js';
import { organisationOf, tellAgent } from './ask-agent.js';
import type { KeptSession } from './person-folder.js';
import type { ShowAddress } from './show-address.js';

const program = z.object({ accessToken: z.string(), expiresAt: z.number(), person: z.string() });
const proof = z.object({ loginProof: z.string(), expiresAt: z.number() });

/** Logs a person in at the own company's agent, through the company's own identity provider. */
export async function logIn(agent: string, show: ShowAddress): Promise<Decision<KeptSession>> {
  const begun = await beginLogin(new URL('/sign-in', agent), {});
  const session = await redeem(begun, agent, '/session/token', program, show);
  return session.allowed ? allow({ agent, ...session.value }) : session;
}

/** Gets the login proof for one grant and the key of this one session: "this subject holds this key, for this". */
export async function fetchLoginProof(
  agent: string,
  ask: { readonly grant: GrantId; readonly jkt: Thumbprint },
  show: ShowAddress,
): Promise<Decision<z.infer<typeof proof>>> {
  const begun = await beginLogin(new URL('/login', agent), ask);
  return redeem(begun, agent, '/login/token', proof, show);
}

async function redeem<T>(
  begun: BegunLogin,
  agent: string,
  target: string,
  shape: z.ZodType<T>,
  show: ShowAddress,
): Promise<Decision<T>> {
  try {
    // An address that leads nowhere is not shown to anybody.
    await organisationOf({ agent });
    const way = await show(begun.address);
    const code = await waitingFor('waiting for the login in the browser', way === 'walked' ? soon(begun) : begun.code);
    return await tellAgent({ agent }, target, { code, code_verifier: begun.verifier }, shape);
  } finally {
    begun.close();
  }
}

/** Whoever has gone the whole way has brought the code, or never will. Milliseconds. */
const SOON = 5_000;

async function soon({ code }: BegunLogin): Promise<string> {
  let late: NodeJS.Timeout | undefined;
  const never = new Promise<never>((_resolve, reject) => {
    late = setTimeout(
      () => reject(new Error('the login command ended well, but brought no code to this program')),
      SOON,
    );
  });
  try {
    return await Promise.race([code, never]);
  } finally {
    clearTimeout(late);
  }
}
