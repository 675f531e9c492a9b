import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { layout, type SignalStream } from '@interlock/company-side';
import type { ToldEvent, ToldSubject } from '@interlock/domain';
import * as jose from 'jose';
import type { Agent } from '../agent.js';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

/** The key of what is told to receivers; undefined where the company has none. */
export function signalKey(dir: string): KeyObject | undefined {
  const file = layout(dir).signalKey;
  return existsSync(file) ? createPrivateKey(readFileSync(file)) : undefined;
}

/** The public half, as receivers fetch it (RFC 7517). */
export async function signalJwk(key: KeyObject): Promise<jose.JWK> {
  const jwk = await jose.exportJWK(createPublicKey(key));
  return { ...jwk, alg: 'RS256', use: 'sig', kid: await jose.calculateJwkThumbprint(jwk) };
}

/** Words for whoever administers at the receiver; keyed by language, never empty (CAEP interoperability profile). */
const REASONS: Readonly<Record<ToldEvent['type'], string>> = {
  'session-revoked': 'the company of the subject took this away',
  'credential-change': 'the company of the subject took this key out of use',
  'device-compliance-change': 'said by the identity provider of the subject',
  'assurance-level-change': 'said by the identity provider of the subject',
  'risk-level-change': 'said by the identity provider of the subject',
};

/** People by the name that login proofs use; everything else is opaque (RFC 9493). */
const subId = (issuer: string, { kind, id }: ToldSubject) =>
  kind === 'person' ? { format: 'iss_sub', iss: issuer, sub: id } : { format: 'opaque', id: `${kind}:${id}` };

/** A Security Event Token (RFC 8417) with one event of CAEP 1.0: no `sub` and no `exp`. */
export const eventToken = (agent: Agent, { audience }: SignalStream, told: ToldEvent, jti: string, txn: string) =>
  sign(agent, {
    ...{ aud: audience, jti, txn, sub_id: subId(agent.origin, told.subject) },
    events: {
      [`${CAEP}${told.type}`]: {
        ...told.says,
        event_timestamp: Math.floor(told.at / 1000),
        initiating_entity: told.by,
        reason_admin: { en: REASONS[told.type] },
      },
    },
  });

/** The event by which a receiver sees that a stream works (SSF 1.0 section 8.1.4): it is about the stream itself. */
export const verificationToken = (
  agent: Agent,
  { id, audience }: SignalStream,
  state: string | undefined,
  jti: string,
) =>
  sign(agent, {
    ...{ aud: audience, jti, sub_id: { format: 'opaque', id } },
    events: { [VERIFICATION]: state === undefined ? {} : { state } },
  });

async function sign(agent: Agent, claims: jose.JWTPayload): Promise<string> {
  const key = signalKey(agent.dir);
  if (!key) throw new Error('there is no key to sign events with; set the stream up again');
  const { kid = '' } = await signalJwk(key);
  return new jose.SignJWT({ iss: agent.origin, iat: Math.floor(agent.now() / 1000), ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt', kid })
    .sign(key);
}
