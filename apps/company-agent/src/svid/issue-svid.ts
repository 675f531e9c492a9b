import { readSvidIssuer, requestedKey, type Workload } from '@interlock/company-side/svid';
import { type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, refuse, type Thumbprint } from '@interlock/domain';
import { CALLER_SCHEME, publicJwkOf, type Request, thumbprintOf, verifyCallerProof } from '@interlock/proof';
import type { Agent } from '../agent.js';

export interface SvidAsk {
  readonly request: Request;
  readonly authorization: string | undefined;
  /** For which receiver a JWT-SVID is wanted too. */
  readonly audience: string | undefined;
}

export interface IssuedSvid {
  readonly spiffeId: string;
  readonly svid: string;
  readonly expiresAt: number;
  readonly jwtSvid?: string;
}

/**
 * Issues SVIDs to a machine or workload of the company that shows the key its company certified. The body is a certificate request of the new key, signed
 * with that one. It is written down before it leaves.
 */
export async function issueSvid(agent: Agent, ask: SvidAsk): Promise<Decision<IssuedSvid, RefusalCode>> {
  const who = await certifiedWorkload(agent, ask);
  if (!who.allowed) return who;
  const issuer = readSvidIssuer(agent.dir);
  if (!issuer) return refuse('svid_issuer_missing');
  const key = await requestedKey(ask.request.body);
  if (!key) return refuse('malformed', { clause: 'certificate request' });
  const now = agent.now();
  const made = await issuer.x509(who.value, key, now);
  if (!made.allowed) return made;
  const jkt = thumbprintOf(publicJwkOf(key));
  const { kind, id } = who.value;
  const noted = await agent.store.note({
    kind: 'svid',
    holder: `${kind}/${id}`,
    jkt,
    until: made.value.expiresAt,
    at: now,
  });
  if (!noted.allowed) return noted;
  const { trustDomain } = newest(agent);
  const jwtSvid = ask.audience === undefined ? undefined : await issuer.jwt(who.value, ask.audience, now);
  return allow({ spiffeId: `spiffe://${trustDomain}/${kind}/${id}`, ...made.value, ...(jwtSvid && { jwtSvid }) });
}

const newest = (agent: Agent) => {
  const entity = agent.company().entities.at(-1);
  if (!entity) throw new Error('a company has an entity document');
  return entity.document;
};

/** Who holds the key of this request, as the company itself certified it and has not revoked since. */
async function certifiedWorkload(
  agent: Agent,
  { request, authorization }: SvidAsk,
): Promise<Decision<Workload, RefusalCode>> {
  const [scheme, proof, ...rest] = authorization?.split(' ') ?? [];
  if (scheme !== CALLER_SCHEME || !proof || rest.length > 0) return refuse('caller_unknown');
  const now = agent.now();
  const shown = await verifyCallerProof(proof, request, now);
  if (!shown.allowed) return refuse('caller_unknown');
  const ring = await agent.partners.ring([agent.organisation], now);
  if (!ring.allowed || shown.value.organisation !== agent.organisation || isRevoked(agent, shown.value.kid))
    return refuse('caller_unknown');
  const held = ring.value
    .find(agent.organisation, shown.value.kid, 'subject')
    .find(({ notBefore, notAfter }) => notBefore <= now && now < notAfter)?.holder;
  return held && (held.kind === 'machine' || held.kind === 'workload')
    ? allow({ kind: held.kind, id: held.id })
    : refuse('caller_unknown');
}

/** Whether the company took this key out of use under any agreement: it vouches for nothing new then. */
const isRevoked = (agent: Agent, kid: Thumbprint): boolean =>
  agent.store
    .agreements()
    .flatMap(({ document }) => agent.store.ownActs(document.id))
    .some(
      ({ act: { document } }) =>
        document.verb === 'revoke' && document.target.kind === 'key' && document.target.id === kid,
    );
