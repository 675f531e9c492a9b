import { type KeyObject, randomBytes } from 'node:crypto';
import type { Agreement, AgreementId, Grant, GrantId, LocalId, OrganisationId } from '@interlock/domain';
import type { Signer } from '@interlock/proof';
import { keySigner, newPrivateKey, signDocument, signLoginProof } from '@interlock/proof';
import { aGrant, anAgreement, aPartnership, BUYER, type Partnership, VENDOR } from '@interlock/testkit/builders';
import type { Broker } from './a-broker.js';
import { call, ok } from './a-caller.js';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
export const anId = <T extends string>(prefix: string): T =>
  `${prefix}_${Array.from(randomBytes(26), (byte) => CROCKFORD[byte & 31]).join('')}` as T;

/** Publishes both companies' entity documents and certificates. */
export async function publishBoth(broker: Broker, who: Partnership): Promise<void> {
  const { vendor, buyer } = who;
  for (const { entity } of [vendor, buyer]) await ok(call(broker, null, 'PUT', '/v1/entities', { entity }));
  // The first agent is in nobody's list yet: its own organisation's first certificates come with the entity document.
  await ok(publish(broker, who.vendorAgent.signer, [who.technician, who.vendorAgent, who.recipient]));
  await ok(publish(broker, who.buyerAgent.signer, [who.approver, who.secondApprover, who.buyerAgent, who.gateway]));
}

const publish = (broker: Broker, signer: Signer, holders: readonly { readonly certificate: unknown }[]) =>
  call(broker, signer, 'PUT', '/v1/certificates', { certificates: holders.map((holder) => holder.certificate) });

export interface Agreed {
  readonly who: Partnership;
  readonly agreement: Agreement;
}

/** Two companies with an agreement in force. */
export async function agreed(broker: Broker, who: Partnership, over: Partial<Agreement> = {}): Promise<Agreed> {
  const now = Date.now();
  const agreement = anAgreement(who, { id: anId<AgreementId>('agr'), ...over }, now);
  const signatures = [await signDocument(agreement, who.vendor.agreement, now)];
  const proposal = { agreement: { document: agreement, signatures } };
  const { digest } = await ok<{ digest: string }>(
    call(broker, who.vendorAgent.signer, 'POST', '/v1/agreements', proposal),
  );
  const yes = { digest, signatures: [await signDocument(agreement, who.buyer.agreement, now)] };
  await ok(call(broker, who.buyerAgent.signer, 'POST', `/v1/agreements/${agreement.id}/signatures`, yes));
  return { who, agreement };
}

const OPPOSITE = { vendor: 'buyer', buyer: 'vendor', 'third-party': 'third-party' } as const;

/** Who is what in an agreement. Every scenario of rights is gone through as both: the second time the vendor owns and approves, and the buyer's people come. */
export const ROLES: readonly (readonly [string, (who: Partnership) => Partial<Agreement>])[] = [
  ['with the buyer as owner', () => ({})],
  [
    'with the vendor as owner',
    (who) => ({ parties: anAgreement(who).parties.map((party) => ({ ...party, role: OPPOSITE[party.role] })) }),
  ],
];

/** A grant that both sides signed. */
export async function granted(broker: Broker, { who, agreement }: Agreed, over: Partial<Grant> = {}): Promise<Grant> {
  const now = Date.now();
  const grant = aGrant(agreement, { id: anId<GrantId>('grt'), ...over }, now);
  const asked = { grant: { document: grant, signatures: [await signDocument(grant, who.technician.signer, now)] } };
  const { digest } = await ok<{ digest: string }>(call(broker, who.vendorAgent.signer, 'POST', '/v1/grants', asked));
  for (const holder of [who.approver, who.secondApprover]) {
    const yes = { digest, signatures: [await signDocument(grant, holder.signer, now)] };
    await ok(call(broker, who.buyerAgent.signer, 'POST', `/v1/grants/${grant.id}/signatures`, yes));
  }
  return grant;
}

export interface Connector {
  readonly signer: Signer;
  readonly key: KeyObject;
  readonly loginProof: string;
}

/** A technician's connector: a fresh leaf key, and what the technician's own agent says of it. */
export async function aConnector(
  who: Partnership,
  grant: GrantId,
  sub = 'technician',
  key = newPrivateKey(),
): Promise<Connector> {
  const signer = keySigner(VENDOR, key);
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: VENDOR,
    sub: sub as LocalId,
    aud: BUYER,
    jkt: signer.kid,
    acr: 'pwd',
    auth_time: iat,
    grant,
    iat,
    exp: iat + 600,
    jti: randomBytes(16).toString('base64url'),
  };
  return { signer, key, loginProof: await signLoginProof(claims, who.vendorAgent.signer) };
}

export const aSessionAsk = (grant: Grant, loginProof: string | null) => ({
  grant: grant.id,
  resource: { owner: BUYER as OrganisationId, id: 'press-7' },
  action: 'ssh',
  loginProof,
});

export { aPartnership, BUYER, VENDOR };
