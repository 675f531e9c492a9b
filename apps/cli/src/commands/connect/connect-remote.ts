import type { KeyObject } from 'node:crypto';
import { openRemote, type RemoteSession } from '@interlock/client';
import { type HttpProxy, makeLeaf } from '@interlock/company-side';
import type { Admission } from '@interlock/contracts';
import type { Decision, GrantId, Instant, LocalId } from '@interlock/domain';
import { newPrivateKey, peekLoginProof, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { fetchLoginProof } from '../login/log-in.js';
import type { ConnectorSettings } from '../login/person-folder.js';
import type { ShowAddress } from '../login/show-address.js';
import { waitingFor } from '../perform.js';

export interface ConnectRequest {
  readonly settings: ConnectorSettings;
  readonly grant: GrantId;
  readonly resource: LocalId;
  readonly service: LocalId;
  readonly show: ShowAddress;
  readonly onEnding?: (at: Instant, why: string) => void;
  readonly signal?: AbortSignal;
  readonly proxy?: HttpProxy | undefined;
}

export interface ActivatedRequest extends Omit<ConnectRequest, 'show'> {
  /** What the gateway answered to whoever activated the grant there, and the key that the grant names. */
  readonly activated: Admission;
  readonly key: KeyObject;
}

/** Opens the session that an approver activated at the gateway: no login and no broker, the key of the dormant grant alone. */
export function connectActivated(request: ActivatedRequest): Promise<Decision<RemoteSession>> {
  const { settings, activated, resource, service, ...rest } = request;
  const session = openRemote({
    ...{ brokerOrigin: settings.brokerOrigin, organisation: settings.organisation, pins: settings.pins },
    ...{ loginProof: null, action: service, now: Date.now },
    resource: { owner: activated.gateway.organisation, id: resource },
    activated,
    ...rest,
  });
  return waitingFor('meeting the gateway', session);
}

/**
 * Opens one session: makes a key for it that is kept nowhere, has the own company say who holds it, and meets the owner's gateway. The gateway
 * is believed by the pins in `settings` alone.
 */
export async function connectRemote(request: ConnectRequest): Promise<Decision<RemoteSession>> {
  const { settings, grant, resource, service, show, onEnding, signal } = request;
  const key = newPrivateKey();
  const jkt = thumbprintOf(publicJwkOf(key));
  const wrapped = makeLeaf(key, Date.now());
  wrapped.catch(() => undefined);
  const proof = await fetchLoginProof(settings.agentOrigin, { grant, jkt }, show);
  if (!proof.allowed) return proof;
  const { loginProof } = proof.value;
  const owner = peekLoginProof(loginProof)?.aud;
  if (!owner) throw new Error(`${settings.agentOrigin} gave a login proof that cannot be read`);
  const session = openRemote({
    brokerOrigin: settings.brokerOrigin,
    organisation: settings.organisation,
    pins: settings.pins,
    key,
    loginProof,
    grant,
    resource: { owner, id: resource },
    action: service,
    now: Date.now,
    leaf: await wrapped,
    proxy: request.proxy,
    ...(onEnding && { onEnding }),
    ...(signal && { signal }),
  });
  return waitingFor('meeting the gateway', session);
}
