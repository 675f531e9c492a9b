import { isIP } from 'node:net';
import { allow, type Decision, type EpochSeconds, refuse } from '@interlock/domain';
import { decodePublicKey, type Nkey } from '@interlock/proof';
import { MAX_PAYLOAD_BYTES, USER_MAX_SECONDS } from './account-claims.js';
import type { BusUserTemplate } from './bus-plan.js';
import { type AllowList, signUserJwt, type UserBody, UserJwtTooLarge } from './jwt.js';
import { inboxPrefix } from './subjects.js';

export type BusUserRefusal =
  | 'bus_user_key_invalid'
  | 'bus_user_life_out_of_range'
  | 'bus_user_right_ended'
  | 'bus_user_source_invalid'
  | 'bus_user_flow_not_agreed'
  | 'bus_user_too_many_flows';

const USER_MIN_SECONDS = 300;
/** One inbox, and a few answers that are waited for at once. */
const USER_SUBSCRIPTIONS = 16;

export interface BusUserAsk {
  readonly template: BusUserTemplate;
  /** The user's public nkey (`U...`). Its seed stays with whoever made it. */
  readonly publicKey: string;
  /** How long the JWT lives: 300 to 900 seconds. */
  readonly lifeSeconds: number;
  /** The end of the right it stands for; the JWT never outlives it. */
  readonly rightEndsAt: EpochSeconds;
  /** Only these flows of a publisher; of a recipient, only durables that carry nothing else. Left out: all. */
  readonly flows?: readonly string[];
  /** Networks it may connect from, as CIDR. Left out: any. */
  readonly src?: readonly string[];
}

export interface IssuedBusUser {
  readonly jwt: string;
  readonly expiresAt: EpochSeconds;
  /** The client must receive its answers under this prefix; every other is refused. */
  readonly inboxPrefix: string;
}

/**
 * A user JWT for one key under one template, narrower or equal, never wider. Renewal is a new one and a reconnect.
 *
 * @param signer the signing key of the template's account
 */
export function issueUser(ask: BusUserAsk, signer: Nkey, now: EpochSeconds): Decision<IssuedBusUser, BusUserRefusal> {
  const { template, publicKey, lifeSeconds, src } = ask;
  if (decodePublicKey('user', publicKey) === undefined) return refuse('bus_user_key_invalid');
  if (!(Number.isInteger(lifeSeconds) && lifeSeconds >= USER_MIN_SECONDS && lifeSeconds <= USER_MAX_SECONDS)) {
    return refuse('bus_user_life_out_of_range', { detail: `${USER_MIN_SECONDS} to ${USER_MAX_SECONDS} seconds` });
  }
  const expiresAt = Math.min(now + lifeSeconds, Math.floor(ask.rightEndsAt));
  if (!(expiresAt > now)) return refuse('bus_user_right_ended');
  if (src !== undefined && (src.length === 0 || !src.every(isNetwork))) return refuse('bus_user_source_invalid');
  const pub = publishAllow(template, ask.flows);
  if (pub === undefined) return refuse('bus_user_flow_not_agreed');
  const inbox = inboxPrefix(publicKey);
  const nats: UserBody = {
    issuer_account: template.accountKey,
    pub,
    sub: { allow: [`${inbox}.>`] },
    subs: USER_SUBSCRIPTIONS,
    data: -1,
    payload: MAX_PAYLOAD_BYTES,
    allowed_connection_types: ['STANDARD'],
    ...(src === undefined ? {} : { src }),
    tags: [`agreement:${template.agreementDigest}`, `role:${template.role}`],
  };
  try {
    const jwt = signUserJwt({ name: template.account, sub: publicKey, iat: now, exp: expiresAt, nats }, signer);
    return allow({ jwt, expiresAt, inboxPrefix: inbox });
  } catch (error) {
    if (!(error instanceof UserJwtTooLarge)) throw error;
    return refuse('bus_user_too_many_flows', { detail: `${error.message}; ask for fewer flows at once` });
  }
}

/** The subjects a user may publish to; nothing if a flow is asked for that the template does not carry alone. */
function publishAllow(template: BusUserTemplate, asked: readonly string[] | undefined): AllowList | undefined {
  const wanted = asked === undefined ? undefined : new Set(asked);
  const wants = (flowId: string): boolean => wanted === undefined || wanted.has(flowId);
  const carried = new Set<string>();
  const subjects: string[] = [];
  if (template.role === 'publisher') {
    for (const { flowId, subject } of template.flows.filter((flow) => wants(flow.flowId))) {
      carried.add(flowId);
      subjects.push(subject);
    }
  } else {
    for (const { next, ack, flows } of template.pulls.filter((pull) => pull.flows.some((flow) => wants(flow.flowId)))) {
      // A durable hands out all of its flows: whoever asked for some of them would get the others too.
      if (!flows.every((flow) => wants(flow.flowId))) return undefined;
      for (const { flowId } of flows) carried.add(flowId);
      subjects.push(next, ack);
    }
  }
  const [first, ...rest] = subjects;
  const complete = wanted === undefined || [...wanted].every((flowId) => carried.has(flowId));
  return first !== undefined && complete ? { allow: [first, ...rest] } : undefined;
}

function isNetwork(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  return rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= bits;
}
