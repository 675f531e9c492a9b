import type { KeyObject } from 'node:crypto';
import {
  brokerClient,
  type ConnectorSession,
  type HttpProxy,
  type Leaf,
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
  personOfLogin,
  type Receipt,
  type ResourceRef,
  refuse,
  type Signed,
} from '@interlock/domain';
import {
  type KnownKey,
  keySigner,
  type Pins,
  peekLoginProof,
  type Signer,
  type VerifiedRight,
  verifyRight,
} from '@interlock/proof';
import { keepReceipts } from './keep-receipts.js';

export interface RemoteRequest {
  readonly brokerOrigin: string;
  /** The subject's own company, or the one that logs him in for it, and the roots it compared out of band. */
  readonly organisation: OrganisationId;
  readonly pins: Pins;
  /** The key the login proof names, or a machine's certified key. */
  readonly key: KeyObject;
  readonly loginProof: string | null;
  readonly grant: GrantId;
  readonly resource: ResourceRef;
  readonly action: LocalId;
  readonly now: () => Instant;
  /** The key's TLS wrapper, where it was made while the login went on. */
  readonly leaf?: Leaf | undefined;
  /** An HTTP proxy that lets CONNECT through to broker and relay. */
  readonly proxy?: HttpProxy | undefined;
  readonly onEnding?: (at: Instant, why: string) => void;
  readonly signal?: AbortSignal;
  /**
   * In place of asking the broker: what a gateway answered where an approver activated a dormant grant, or the admission of before, for a session on which safety
   * rests and that was lost.
   */
  readonly activated?: Admission | undefined;
}

export interface RemoteSession {
  readonly id: string;
  readonly endsAt: Instant;
  readonly approvedBy: readonly string[];
  /** The gateway's opening receipt: with it, the subject's side proves what it was let into. */
  readonly receipt: Signed<Receipt>;
  /** Both ends' receipts so far, the gateway's verified: two of the opening; after `session.closed`, those of the closing too. */
  readonly receipts: () => Promise<readonly Signed<Receipt>[]>;
  readonly session: ConnectorSession;
  /** How it was let in. A machine on whose session safety rests keeps it, to come back while the broker is away. */
  readonly admission: Admission;
}

/**
 * Asks the broker for admission, verifies the right and the gateway against the own company's pins, and meets the gateway. What the broker
 * says is used to find the gateway, never to believe it: the gateway's key comes from its owner's certificate.
 */
export async function openRemote(request: RemoteRequest): Promise<Decision<RemoteSession>> {
  const signer = keySigner(request.organisation, request.key);
  const { now, proxy } = request;
  const { grant, resource, action, loginProof, activated } = request;
  const broker = brokerClient({ origin: request.brokerOrigin, signer, now, newId: newNonce, proxy });
  const admitted = activated
    ? allow(activated)
    : await broker.post('/v1/sessions', { grant, resource, action, loginProof }, admission);
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
  if (!isOurs(value, request) || value.grant.id !== request.grant) return refuse('not_self');
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

/** Whether the right is of the own company's people, or of somebody whom the own company logs in for another one. */
function isOurs(right: VerifiedRight, { organisation, loginProof }: RemoteRequest): boolean {
  const claimed = loginProof === null ? undefined : peekLoginProof(loginProof);
  if (right.subjectSide === organisation) return true;
  return (
    claimed !== undefined && personOfLogin(right.agreement, { organisation, id: claimed.sub }, right) !== undefined
  );
}

async function meet(
  request: RemoteRequest,
  offered: Admission,
  { right, gateway }: Believed,
  signer: Signer,
): Promise<Decision<RemoteSession>> {
  const tls = request.leaf ?? (await makeLeaf(request.key, request.now()));
  const receipts = keepReceipts({ session: offered.session, right, signer, now: request.now });
  const session = await openSession({
    relay: offered.relay,
    rendezvous: offered.rendezvous,
    tls,
    expectedGateway: gateway.kid,
    hello: { ticket: offered.ticket, loginProof: request.loginProof },
    onWelcome: ({ receipt }) => receipts.opening(receipt),
    closingReceipt: (word) => receipts.closing(word),
    ...(request.proxy && { proxy: request.proxy }),
    ...(request.onEnding && { onEnding: request.onEnding }),
    ...(request.signal && { signal: request.signal }),
  });
  if (!session.allowed) return session;
  const [receipt] = await receipts.kept();
  if (!receipt) return refuse('malformed', { clause: 'receipt' });
  const { endsAt, approvedBy } = session.value.welcome;
  const { kept } = receipts;
  const met = { id: offered.session, endsAt, approvedBy, receipt, receipts: kept, session: session.value };
  return allow({ ...met, admission: offered });
}
