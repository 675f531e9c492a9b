import { createHash } from 'node:crypto';
import type { Person } from '@interlock/company-side';
import type { Capacity, Digest, Instant, LoggedIn } from '@interlock/domain';
import type { LocalPerson } from './role-book.js';

/** A person who logged in at the company's own provider, in one browser or one program. */
export interface Session {
  readonly person: Person;
  /** What the company's own provider said at the login; which roles that makes is asked at every use. */
  readonly login: LoggedIn;
  /** An outside auditor, who is not one of the own people. */
  readonly outside: boolean;
  /** Found out anew for each request by the door. */
  readonly capacities: readonly Capacity[];
  /** Must come back with every form. A page of another origin cannot read it. */
  readonly formToken: string;
  /** Digests of the documents that were rendered in this session. Only these can be signed in it. */
  readonly shown: Set<Digest>;
  readonly how: 'browser' | 'program';
  readonly endsAt: Instant;
}

/** Who comes in, and by which login. */
export interface Entrant extends LocalPerson {
  readonly login: LoggedIn;
}

/** Sessions live in memory: a restart logs everybody out, and no copy of a disk logs anybody in. */
export interface Sessions {
  open(who: Entrant, how: Session['how'], now: Instant): { readonly secret: string; readonly session: Session };
  find(secret: string, now: Instant): Session | undefined;
  close(secret: string): void;
}

const LIFE = { browser: 8 * 3_600_000, program: 3_600_000 };
const MOST_SESSIONS = 10_000;

/** `newSecret` gives at least 128 random bits. `stillThere` is asked at every use, so that a leaver is out at once. */
export function openSessions(newSecret: () => string, stillThere: (person: Person) => Person | undefined): Sessions {
  const sessions = new Map<string, Session>();
  return {
    open: ({ person, outside, login }, how, now) => {
      for (const [key, session] of sessions) if (session.endsAt <= now) sessions.delete(key);
      if (sessions.size >= MOST_SESSIONS) sessions.delete(sessions.keys().next().value ?? '');
      const secret = newSecret() + newSecret();
      const known = { person, outside, login, capacities: [], how, endsAt: now + LIFE[how] };
      const session: Session = { ...known, formToken: newSecret(), shown: new Set() };
      sessions.set(keyOf(secret), session);
      return { secret, session };
    },
    find: (secret, now) => {
      const session = sessions.get(keyOf(secret));
      if (!session || now >= session.endsAt) return undefined;
      const person = session.outside ? session.person : stillThere(session.person);
      // Groups and purposes are those of the company's folder today, not those of the login.
      return person && { ...session, person };
    },
    close: (secret) => void sessions.delete(keyOf(secret)),
  };
}

/** Looked up by hash, so that the time of a look-up tells nothing about a secret. */
const keyOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
