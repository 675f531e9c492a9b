import type { KeyObject } from 'node:crypto';
import {
  BrokerUnavailable,
  brokerClient,
  type ConnectorSession,
  makeLeaf,
  newNonce,
  openSession,
} from '@interlock/company-side';
import { type Admission, admission } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type GrantId,
  type Instant,
  type LocalId,
  type OrganisationId,
  type Receipt,
  type ResourceRef,
  refuse,
  type Signed,
} from '@interlock/domain';
import {
  type KnownKey,
  keySigner,
  type Pins,
  type Signer,
  signed,
  type VerifiedRight,
  verifyDocument,
  verifyRight,
} from '@interlock/proof';

export interface RemoteRequest {
  readonly brokerOrigin: string;
  /** The subject's own company, and the roots it compared out of band. */
  readonly organisation: OrganisationId;
  readonly pins: Pins;
  /** The key the login proof names, or a machine's certified key. */
  readonly key: KeyObject;
  readonly loginProof: string | null;
  readonly grant: GrantId;
  readonly resource: ResourceRef;
  readonly action: LocalId;
  readonly now: () => Instant;
  readonly onEnding?: (at: Instant, why: string) => void;
  readonly signal?: AbortSignal;
}

export interface RemoteSession {
  readonly id: string;
  readonly endsAt: Instant;
  readonly approvedBy: readonly string[];
  /** The gateway's opening receipt: with it, the subject's side proves what it was let into. */
  readonly receipt: Signed<Receipt>;
  readonly session: ConnectorSession;
}

/**
 * Asks the broker for admission, verifies the right and the gateway against the own company's pins, and meets the gateway. What the broker
 * says is used to find the gateway, never to believe it: the gateway's key comes from its owner's certificate.
 */
export async function openRemote(request: RemoteRequest): Promise<Decision<RemoteSession>> {
  const signer = keySigner(request.organisation, request.key);
  const broker = brokerClient({ origin: request.brokerOrigin, signer, now: request.now, newId: newNonce });
  const { grant, resource, action, loginProof } = request;
  const admitted = await broker.post('/v1/sessions', { grant, resource, action, loginProof }, admission);
  if (!admitted.allowed) return admitted;
  const met = await believe(request, admitted.value);
  if (!met.allowed) return met;
  return meet(request, admitted.value, met.value, signer);
}

interface Believed {
  readonly right: VerifiedRight;
  readonly gateway: KnownKey;
}

async function believe(request: RemoteRequest, offered: Admission): Promise<Decision<Believed>> {
  const right = await verifyRight(offered.chain, request.pins, request.now());
  if (!right.allowed) return right;
  const { value } = right;
  if (value.subjectSide !== request.organisation || value.grant.id !== request.grant) return refuse('not_self');
  if (value.owner !== request.resource.owner) return refuse('outside_grant');
  const now = request.now();
  const gateway = value.ring
    .held(value.owner, 'gateway', offered.gateway.id)
    .find(
      (key) =>
        key.purposes.includes('enforce') &&
        key.resources.includes(request.resource.id) &&
        key.notBefore <= now &&
        now < key.notAfter,
    );
  if (!gateway || offered.gateway.organisation !== value.owner) return refuse('not_a_gateway');
  return allow({ right: value, gateway });
}

async function meet(
  request: RemoteRequest,
  offered: Admission,
  { right, gateway }: Believed,
  signer: Signer,
): Promise<Decision<RemoteSession>> {
  const tls = await makeLeaf(request.key, request.now());
  let received: Signed<Receipt> | undefined;
  const session = await openSession({
    relay: offered.relay,
    rendezvous: offered.rendezvous,
    tls,
    expectedGateway: gateway.kid,
    hello: { ticket: offered.ticket, loginProof: request.loginProof },
    onWelcome: async ({ receipt }) => {
      const demand = { issuer: right.owner, purpose: 'enforce' as const };
      const verified = await verifyDocument('receipt', receipt, right.ring, [demand], request.now());
      if (!verified.allowed) return verified;
      const said = verified.value.document;
      if (said.session !== offered.session || said.jkt !== signer.kid || said.grant !== right.grantDigest)
        return refuse('malformed', { clause: 'receipt' });
      received = receipt;
      return allow(await ownReceipt(said, 'opening', null, request.now(), signer));
    },
    closingReceipt: async (word) => {
      const opened = received?.document;
      if (!opened) throw new BrokerUnavailable('a session without a welcome has no closing receipt');
      return ownReceipt(opened, 'closing', word.code, request.now(), signer);
    },
    ...(request.onEnding && { onEnding: request.onEnding }),
    ...(request.signal && { signal: request.signal }),
  });
  if (!session.allowed) return session;
  if (!received) return refuse('malformed', { clause: 'receipt' });
  const { endsAt, approvedBy } = session.value.welcome;
  return allow({ id: offered.session, endsAt, approvedBy, receipt: received, session: session.value });
}

/** The connector's own receipt says the same things, signed with the session's key, so that each end keeps both. */
const ownReceipt = async (
  gateways: Receipt,
  moment: Receipt['moment'],
  code: string | null,
  now: Instant,
  signer: Signer,
) => {
  const receipt: Receipt = { ...gateways, by: 'connector', moment, code, at: Math.floor(now) };
  const { document, signatures } = await signed(receipt, signer, now);
  return { document, signatures: [...signatures] };
};
