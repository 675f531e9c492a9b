import { type BrokerClient, type Endpoint, linkRegion, type RegionLink, shownBy } from '@interlock/company-side';
import { busUser } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type DataTerm,
  type Decision,
  type Instant,
  refuse,
  route,
  type VerifiedChain,
} from '@interlock/domain';
import { type Nkey, newNkey } from '@interlock/proof';

export type RegionEndpoint = Endpoint & { readonly region: DataTerm['regions'][number] };

export interface LinkOptions {
  readonly broker: BrokerClient;
  readonly chain: VerifiedChain;
  /** The agreement as it stands now: no endpoint counts that one side struck. */
  readonly reading: Agreement;
  readonly term: DataTerm;
  readonly endpoint: RegionEndpoint;
  readonly flow: string;
}

/** A connection to an endpoint that showed an agreed key, the one subject of the flow there, and until when its user is good. */
export interface AgreedLink {
  readonly link: RegionLink;
  readonly subject: string;
  readonly until: Instant;
}

/** A user is asked for again this many milliseconds before it expires, so that no batch is sent under one that is over. */
const BEFORE_EXPIRY = 30_000;

/**
 * Connects only to an endpoint whose key both companies signed; refused where the key is another, or where the broker gives no user.
 * Throws where nobody answers.
 */
export async function linkAgreed(options: LinkOptions): Promise<Decision<AgreedLink>> {
  const shown = await shownBy(options.endpoint);
  const agreed = route(options.reading, options.term, options.endpoint.region, shown.key);
  if (!agreed.allowed) return agreed;
  const user = await askForUser(options);
  if (!user.allowed) return user;
  const { jwt, inboxPrefix, subject, key, expiresAt } = user.value;
  const link = await linkRegion(options.endpoint, shown, { jwt, key, inboxPrefix });
  return link.allowed ? allow({ link: link.value, subject, until: expiresAt * 1000 - BEFORE_EXPIRY }) : link;
}

async function askForUser({
  broker,
  chain,
  endpoint,
  flow,
}: LinkOptions): Promise<
  Decision<{ jwt: string; inboxPrefix: string; subject: string; key: Nkey; expiresAt: number }>
> {
  const key = newNkey('user');
  const ask = {
    region: endpoint.region,
    agreementId: chain.agreement.id,
    role: 'publisher',
    nkey: key.publicKey,
  };
  const user = await broker.post('/v1/regions/users', ask, busUser);
  if (!user.allowed) return user;
  const subject = user.value.flows.find((one) => one.flowId === flow)?.subject;
  if (!subject) return refuse('action_not_agreed', { clause: flow });
  const { jwt, inboxPrefix, expiresAt } = user.value;
  return allow({ jwt, inboxPrefix, subject, key, expiresAt });
}
