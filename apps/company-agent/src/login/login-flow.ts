import type { Person } from '@interlock/company-side';
import { allow, type Decision, loginAsked, refuse } from '@interlock/domain';
import type { Agent } from '../agent.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { readGrant } from '../grants/read-grant.js';
import type { BegunLogin, Identity, IdentityProvider } from './identity-provider.js';
import { grantFor, issueLoginProof, type LoginAsk } from './issue-login-proof.js';
import { type OneTime, oneTime, verifierFits } from './one-time.js';
import type { LocalPerson } from './role-book.js';
import type { Entrant, Sessions } from './sessions.js';

/** A program on the person's computer that waits for a code at its own loopback address. */
export interface Program {
  readonly redirect: URL;
  readonly state: string;
  /** RFC 7636 S256 challenge: only the program that began can redeem the code. */
  readonly challenge: string;
}

/** What a login is for. */
export type Aim =
  | { readonly kind: 'pages' }
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'proof'; readonly program: Program; readonly ask: LoginAsk };

export interface Visit {
  readonly aim: Aim;
  readonly begun: BegunLogin;
}

/** A person who is logged in and must still say yes to what his program asked for. */
export interface Consent {
  readonly entrant: Entrant;
  readonly person: Person;
  readonly identity: Identity;
  readonly aim: Extract<Aim, { program: Program }>;
  readonly formToken: string;
}

type Issued =
  | { readonly kind: 'program'; readonly entrant: Entrant; readonly challenge: string }
  | { readonly kind: 'proof'; readonly consent: Consent; readonly challenge: string };

export interface LoginFlow {
  readonly consents: OneTime<Consent>;
  begin(aim: Aim): Promise<{ readonly to: URL; readonly visit: string }>;
  /** The person who came back from the provider with this visit's cookie. */
  comeBack(visit: string, callback: URL): Promise<Decision<{ entrant: Entrant; identity: Identity; aim: Aim }>>;
  /** What will be issued, for the page that asks for the yes. */
  explain(consent: Consent): Promise<Decision<HeldGrant | undefined>>;
  /** After the yes: the program's address with a code for it. */
  agree(consent: Consent): Promise<Decision<URL>>;
  redeem(code: string, verifier: string, kind: Issued['kind']): Promise<Decision<Record<string, unknown>>>;
}

const VISIT_LIFE = 600_000;
const CODE_LIFE = 60_000;
/** For a login proof the person must have logged in within this many seconds. */
const FRESH = 900;

/** The steps of a login, from any of its beginnings to what it was for. */
export function loginFlow(agent: Agent, provider: IdentityProvider, sessions: Sessions): LoginFlow {
  const visits = oneTime<Visit>(agent.newSecret, VISIT_LIFE);
  const consents = oneTime<Consent>(agent.newSecret, VISIT_LIFE);
  const codes = oneTime<Issued>(agent.newSecret, CODE_LIFE);
  return {
    consents,
    begin: async (aim) => {
      const { url, begun } = await provider.begin(...(await askedFor(agent, aim)));
      return { to: url, visit: visits.put({ aim, begun }, agent.now()) };
    },
    comeBack: async (secret, callback) => {
      const visit = visits.take(secret, agent.now());
      if (!visit) return refuse('code_unknown');
      const identity = await finished(agent, provider, callback, visit.begun);
      if (!identity) return refuse('login_needed');
      const who = await agent.roles.personOf(identity.login);
      if (!who.allowed) return who;
      const may = mayComeIn(agent, who.value, visit.aim);
      return may.allowed ? allow({ entrant: { ...who.value, login: identity.login }, identity, aim: visit.aim }) : may;
    },
    explain: async ({ aim, person }) =>
      aim.kind === 'proof' ? grantFor(agent, aim.ask.grant, person) : allow(undefined),
    agree: async (consent) => {
      const { aim, entrant, person } = consent;
      const { challenge } = aim.program;
      if (aim.kind === 'proof') {
        // Asked again at the yes: between page and yes the grant may have been taken away.
        const held = await grantFor(agent, aim.ask.grant, person);
        if (!held.allowed) return held;
      }
      const issued: Issued =
        aim.kind === 'proof' ? { kind: 'proof', consent, challenge } : { kind: 'program', entrant, challenge };
      return allow(withCode(aim.program, codes.put(issued, agent.now())));
    },
    redeem: async (code, verifier, kind) => {
      const issued = codes.take(code, agent.now());
      if (issued?.kind !== kind || !verifierFits(verifier, issued.challenge)) return refuse('code_unknown');
      return handOut(agent, sessions, issued);
    },
  };
}

/** What the provider is asked for a login proof: as fresh as the agreement of the grant wants it, and in one of its ways (RFC 9470). */
async function askedFor(agent: Agent, aim: Aim): Promise<Parameters<IdentityProvider['begin']>> {
  if (aim.kind !== 'proof') return [];
  // A grant that cannot be read is refused later, to whoever logged in.
  const held = await readGrant(agent, aim.ask.grant).catch(() => undefined);
  const asked = held?.allowed ? loginAsked(held.value.agreement) : undefined;
  return [Math.min(FRESH, asked?.maxAge ?? FRESH), asked?.acr];
}

function mayComeIn(agent: Agent, { person, outside }: LocalPerson, aim: Aim): Decision<true> {
  const why = agent.accounts.heldBack(person.id);
  if (why) return refuse('account_held_back', { clause: why });
  // The company vouches across the fence for its own people alone, whatever name a guest has here.
  return outside && aim.kind === 'proof' ? refuse('person_unknown') : allow(true);
}

/** What the provider says of who came back; undefined where its answer does not hold. */
const finished = (agent: Agent, provider: IdentityProvider, callback: URL, begun: Visit['begun']) =>
  provider.finish(callback, begun).catch((cause: unknown) => {
    agent.log.warn({ event: 'login.refused' }, 'the answer of the identity provider does not hold', cause);
    return undefined;
  });

async function handOut(agent: Agent, sessions: Sessions, issued: Issued): ReturnType<LoginFlow['redeem']> {
  if (issued.kind === 'program') {
    const { secret, session } = sessions.open(issued.entrant, 'program', agent.now());
    return allow({ accessToken: secret, expiresAt: session.endsAt, person: session.person.id });
  }
  const { person, identity, aim } = issued.consent;
  return aim.kind === 'proof' ? issueLoginProof(agent, person, identity, aim.ask) : refuse('code_unknown');
}

function withCode({ redirect, state }: Program, code: string): URL {
  const url = new URL(redirect);
  url.searchParams.set('code', code);
  url.searchParams.set('state', state);
  return url;
}
