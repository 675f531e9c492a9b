import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addSignalStream, layout, readAccountFeed, readSigner, setAccountFeed } from '@interlock/company-side';
import type { Act, ActTarget, AgreementId, LocalId } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import * as jose from 'jose';
import { z } from 'zod';
import { type Side, VENDOR, type World } from './world.js';

/** What each type must have, by CAEP 1.0 section 3 and the CAEP interoperability profile; written from the standard, not from the code. */
const common = {
  event_timestamp: z.number().int().positive(),
  initiating_entity: z.enum(['admin', 'user', 'policy', 'system']),
  reason_admin: z.record(z.string().min(2), z.string().min(1)).refine((texts) => Object.keys(texts).length > 0),
};
const status = z.enum(['compliant', 'not-compliant']);
const EVENTS: Readonly<Record<string, z.ZodType>> = {
  'caep/event-type/session-revoked': z.strictObject(common),
  'caep/event-type/device-compliance-change': z.strictObject({
    ...common,
    previous_status: status,
    current_status: status,
  }),
  'caep/event-type/credential-change': z.strictObject({
    ...common,
    credential_type: z.string().min(1),
    change_type: z.enum(['create', 'revoke', 'update', 'delete']),
  }),
  'caep/event-type/assurance-level-change': z.strictObject({
    ...common,
    namespace: z.string().min(1),
    current_level: z.string().min(1),
    previous_level: z.string().optional(),
    change_direction: z.enum(['increase', 'decrease']).optional(),
  }),
  'caep/event-type/risk-level-change': z.strictObject({
    ...common,
    principal: z.enum(['USER', 'DEVICE', 'SESSION', 'TENANT', 'ORG_UNIT', 'GROUP']),
    current_level: z.enum(['LOW', 'MEDIUM', 'HIGH']),
    previous_level: z.enum(['LOW', 'MEDIUM', 'HIGH']).optional(),
  }),
  'ssf/event-type/verification': z.strictObject({ state: z.string().optional() }),
};
const set = z.strictObject({
  ...{ iss: z.url(), jti: z.string().min(1), iat: z.number().int(), aud: z.string(), txn: z.string().optional() },
  sub_id: z.discriminatedUnion('format', [
    z.strictObject({ format: z.literal('iss_sub'), iss: z.url(), sub: z.string() }),
    z.strictObject({ format: z.literal('opaque'), id: z.string() }),
  ]),
  events: z.record(z.string(), z.record(z.string(), z.unknown())).refine((events) => Object.keys(events).length === 1),
});

export interface Told {
  readonly jti: string;
  readonly txn: string | undefined;
  readonly type: string;
  readonly sub: string;
  readonly says: object;
}

/** A receiver that knows nothing of this project: it discovers, fetches (RFC 8936) and verifies by the standards. */
export async function aStranger(
  side: Side,
  over: { audience?: string; since?: number; agreementId?: AgreementId } = {},
) {
  const id = `receiver-${over.audience?.slice('urn:'.length) ?? 'first'}` as LocalId;
  const audience = over.audience ?? 'urn:receiver:stranger';
  const wish = { id, push: null, audience, agreementId: over.agreementId ?? null };
  const file = addSignalStream(side.dir, wish, over.since ?? Date.now() - 1_000);
  const token = readFileSync(file, 'utf8');
  const metadata = (await (await fetch(`${side.origin}/.well-known/ssf-configuration`)).json()) as Record<
    string,
    string
  >;
  const keys = jose.createRemoteJWKSet(new URL(String(metadata.jwks_uri)));
  const send = (path: string, body: object, bearer = token) =>
    fetch(`${side.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify(body),
    });
  const configured = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${String(metadata.configuration_endpoint)}?stream_id=${id}`, { headers });
    return (await answer.json()) as { stream_id: string; delivery: { method: string; endpoint_url: string } };
  };
  const { delivery } = await configured();
  const read = async (given: string): Promise<Told> => {
    const options = { issuer: String(metadata.issuer), audience, typ: 'secevent+jwt', algorithms: ['RS256'] };
    const { payload } = await jose.jwtVerify(given, keys, options);
    const { jti, txn, sub_id, events } = set.parse(payload);
    const [[uri, says] = ['', {}]] = Object.entries(events);
    const type = uri.replace('https://schemas.openid.net/secevent/', '');
    (EVENTS[type] ?? z.never()).parse(says);
    return {
      jti,
      txn,
      type: type.replace(/^.*\//, ''),
      says,
      sub: sub_id.format === 'opaque' ? sub_id.id : sub_id.sub,
    };
  };
  return {
    id,
    configured,
    post: send,
    fetched: async (more: object = {}): Promise<readonly Told[]> => {
      const answer = await send(new URL(delivery.endpoint_url).pathname, { returnImmediately: true, ...more });
      const { sets } = (await answer.json()) as { sets: Record<string, string> };
      const told = await Promise.all(Object.values(sets).map(read));
      if (told.some(({ jti }) => sets[jti] === undefined)) throw new Error('a token is handed out under another name');
      return told;
    },
  };
}

/** The partner's agent is pushed what concerns this agreement, and follows it as it would follow a provider of its own. */
export function tellPartner(from: Side, to: Side, agreementId: AgreementId) {
  const audience = 'urn:agent-of:partner';
  setAccountFeed(to.dir, { issuer: from.origin, audience, jwksUri: `${from.origin}/ssf/jwks` });
  const token = readAccountFeed(to.dir)?.token;
  const push = `${to.origin}/shared-signals/events`;
  addSignalStream(from.dir, { id: 'partner' as LocalId, push, audience, agreementId, token }, Date.now() - 1_000);
  const journal = join(layout(to.dir).state, 'journal');
  const lines = () =>
    readdirSync(journal).flatMap((name) =>
      name.endsWith('.ndjson') ? readFileSync(join(journal, name), 'utf8').split('\n') : [],
    );
  return {
    took: () =>
      lines()
        .filter((line) => line.includes('"kind":"account-event"') && !line.includes('"token":null'))
        .map((line) => /"type":"([a-z-]+)"/.exec(line)?.[1] ?? ''),
  };
}

/** A revocation that the company signed elsewhere, brought to its agent by the broker; returns the digest that names it. */
export async function revokedElsewhere({ broker, vendor, agreement }: World, target: ActTarget): Promise<string> {
  const now = Date.now();
  const act: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: VENDOR, agreementId: agreement.id, target, reason: 'drill' },
    ...{ lifts: null, sequence: 1, previous: null, issuedAt: now },
  };
  broker.send(VENDOR, { t: 'act', act: await signed(act, readSigner(layout(vendor.dir).keys, 'agent', VENDOR), now) });
  return digestOf(act);
}
