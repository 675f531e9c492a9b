import type { AccountFeed, CompanyView, Person } from '@interlock/company-side';
import { ACCOUNT_EVENTS, type AccountEventType, type Consequence, consequenceOf, saidOnward } from '@interlock/domain';
import * as jose from 'jose';
import { z } from 'zod';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';
import { OLDEST_EVENT } from './account-book.js';
import { endSessions } from './end-sessions.js';

/** Why a token was not taken, in the words of RFC 8935 section 2.4. */
export interface EventFault {
  readonly err: 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience';
  readonly description: string;
}

type Signals = NonNullable<AccountFeed['signals']>;

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const TYPES = new Map<string, AccountEventType>(
  ACCOUNT_EVENTS.map((type) => [`${type.startsWith('account-') ? RISC : CAEP}${type}`, type]),
);

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const SKEW = 60_000;

const simple = z.looseObject({
  format: z.string(),
  iss: z.string().optional(),
  sub: z.string().optional(),
  id: z.string().optional(),
});
const claims = z.looseObject({
  jti: z.string().min(1).max(500),
  iat: z.number(),
  // A token that could pass for an access or ID token is none of these (RFC 8417 section 4).
  sub: z.undefined().optional(),
  exp: z.undefined().optional(),
  sub_id: z.union([z.looseObject({ format: z.literal('complex'), user: simple }), simple]),
  events: z.record(z.string(), z.looseObject({ event_timestamp: z.number().optional() })),
});
type Claims = z.infer<typeof claims>;

const fault = (err: EventFault['err'], description: string): EventFault => ({ err, description });

/** Takes Security Event Tokens (RFC 8417) of the company's own provider, however they come. One that was taken before does nothing again. */
export function eventTaker(
  agent: Agent,
  over: HandOver,
): (signals: Signals, token: string) => Promise<EventFault | undefined> {
  const keySets = new Map<string, ReturnType<typeof jose.createRemoteJWKSet>>();
  const keysAt = (uri: string) => {
    const known = keySets.get(uri) ?? jose.createRemoteJWKSet(new URL(uri), { timeoutDuration: 5_000 });
    keySets.set(uri, known);
    return known;
  };
  return async (signals, token) => {
    const read = await verified(signals, token, keysAt(signals.jwksUri), agent.now());
    if ('err' in read) return read;
    const { token: said } = read;
    const name = `${signals.issuer} ${said.jti}`;
    if (agent.accounts.has(name)) return undefined;
    const event = eventIn(said, agent.now());
    if ('err' in event) return event;
    const person = personOf(agent, signals.issuer, said.sub_id);
    if (!person) {
      agent.log.warn({ event: 'account.unknown' }, 'an event is about nobody whom this company gave a place here');
      return undefined;
    }
    await obey(agent, over, person, { ...event, token: name });
    return undefined;
  };
}

/** What was said of an account, by whichever way. */
export interface SaidEvent {
  readonly type: string;
  readonly at: number;
  readonly consequence: Consequence;
  readonly token: string | null;
  readonly says?: Readonly<Record<string, string>> | undefined;
}

/**
 * Held back first, cut next: nobody logs in again between the two. Known last: a crash or a fault between lets the event come again, and it is
 * obeyed again.
 */
export async function obey(agent: Agent, over: HandOver, person: Person, said: SaidEvent): Promise<void> {
  const { type, at, token, consequence, says } = said;
  const entry = { kind: 'account-event', person: person.id, type, at, heardAt: agent.now() } as const;
  if (consequence.fact) await agent.accounts.keep({ ...entry, token: null, fact: consequence.fact });
  const ended = consequence.endsSessions ? await endSessions(agent, over, person.id, type) : 0;
  if (token !== null) await agent.accounts.keep({ ...entry, token, fact: null, ...(says && { says }) });
  agent.log.warn(
    { event: 'account.event', holder: person.id, detail: type, count: ended },
    'the provider spoke of an account',
  );
}

async function verified(
  { issuer, audience }: Signals,
  token: string,
  keys: ReturnType<typeof jose.createRemoteJWKSet>,
  now: number,
): Promise<{ readonly token: Claims } | EventFault> {
  try {
    const options = { issuer, audience, typ: 'secevent+jwt', algorithms: ALGORITHMS, currentDate: new Date(now) };
    const { payload } = await jose.jwtVerify(token, keys, options);
    const read = claims.safeParse(payload);
    if (!read.success) return fault('invalid_request', `claim ${read.error.issues[0]?.path.join('.') ?? ''}`);
    const said = read.data.iat * 1000;
    const isNow = said <= now + SKEW && said >= now - OLDEST_EVENT;
    return isNow ? { token: read.data } : fault('invalid_request', 'iat is not of now');
  } catch (error) {
    if (error instanceof jose.errors.JWTClaimValidationFailed) {
      if (error.claim === 'iss') return fault('invalid_issuer', 'iss is not the provider that is followed here');
      if (error.claim === 'aud') return fault('invalid_audience', 'aud is not this agent');
      return fault('invalid_request', `claim ${error.claim}`);
    }
    const byKey =
      error instanceof jose.errors.JWKSNoMatchingKey || error instanceof jose.errors.JWSSignatureVerificationFailed;
    return byKey
      ? fault('invalid_key', 'no key of the provider made this signature')
      : fault('invalid_request', 'this is no security event token that can be verified here');
  }
}

/** Exactly one event that is known here; the instant at which it was so must not lie ahead, or nothing said later would count. */
function eventIn({ events, iat }: Claims, now: number): Omit<SaidEvent, 'token'> | EventFault {
  const [[uri, says] = [], ...more] = Object.entries(events);
  const type = uri === undefined ? undefined : TYPES.get(uri);
  if (!type || !says || more.length > 0) return fault('invalid_request', 'one event of a type that is followed here');
  const consequence = consequenceOf(type, says);
  if (!consequence) return fault('invalid_request', `${type} without a member that it requires`);
  const at = (says.event_timestamp ?? iat) * 1000;
  return at > now + SKEW
    ? fault('invalid_request', 'event_timestamp lies ahead')
    : { type, at, consequence, says: saidOnward(type, says) };
}

/** By the provider's own name for the account alone (RFC 9493 `iss_sub`, `opaque`); an address names nobody. */
function personOf(agent: Agent, issuer: string, given: Claims['sub_id']): Person | undefined {
  const { format, iss, sub, id } = simple.parse('user' in given && given.format === 'complex' ? given.user : given);
  const provider = agent.company().settings.identityProvider.issuer;
  const named =
    format === 'iss_sub' && (iss === provider || iss === issuer) ? sub : format === 'opaque' ? id : undefined;
  if (named === undefined) return undefined;
  const among = ({ people }: CompanyView) => people.find(({ login }) => login === named);
  // What is said once of somebody who was just added does not come again.
  return among(agent.company()) ?? among(agent.company(true));
}
