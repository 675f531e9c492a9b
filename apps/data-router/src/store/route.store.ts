import type { Tx } from '@interlock/chassis/db';
import type {
  AgreementId,
  Digest,
  EpochSeconds,
  GrantId,
  Instant,
  LocalId,
  OrganisationId,
  ResourceRef,
} from '@interlock/domain';

/** A flow in force: one data-collection grant, verified, decided, and carried by these gateways into these regions. */
export interface Route {
  readonly grant: GrantId;
  readonly grantDigest: Digest;
  readonly agreementId: AgreementId;
  readonly agreement: Digest;
  readonly parties: readonly OrganisationId[];
  readonly owner: OrganisationId;
  readonly resource: ResourceRef;
  readonly product: LocalId;
  readonly gateways: readonly LocalId[];
  readonly recipients: readonly OrganisationId[];
  readonly regions: readonly LocalId[];
  readonly retentionSeconds: number;
  readonly endsAt: Instant;
  /** What is stored is still fetched, and nobody publishes: the flow is over but for that. */
  readonly drain?: true;
  /** Where retrieval was agreed: until when it is owed, and the end of the window that both sides signed. */
  readonly owed?: { readonly until: Instant; readonly windowEndsAt: Instant };
}

/** How a flow ends whose data is not left to be fetched: the law forbids it, a root took everything away, all signed its end, or no region carries it. */
const WITHOUT_RETRIEVAL = [
  'embargo_blocked',
  'organisation_revoked',
  'version_superseded',
  'agreement_over',
  'region_not_agreed',
  'endpoint_not_agreed',
];

/**
 * What is left of a route that ends before its window does: its recipients fetch what was delivered, for as long as it is kept and was agreed. Retrieval is
 * owed to them (trust model, section 5), so that neither a cut, nor a suspension, nor a paper that one side lets lapse takes it back.
 */
export function drainOf(route: Route, code: string, now: Instant): Route | undefined {
  if (WITHOUT_RETRIEVAL.includes(code) || !route.owed || now >= route.owed.windowEndsAt) return undefined;
  const until = route.drain ? route.endsAt : Math.min(route.owed.until, now + route.retentionSeconds * 1000);
  return until > now ? { ...bare(route), drain: true, endsAt: until } : undefined;
}

/** A route and the regions whose bus has been made to carry it. */
export interface RouteRow extends Route {
  readonly carriedIn: readonly LocalId[];
  readonly carriedAt: EpochSeconds;
}

interface Raw {
  body: string;
  carried_in: LocalId[];
  carried_at: string;
}

const asRow = (raw: Raw): RouteRow => ({
  ...(JSON.parse(raw.body) as Route),
  carriedIn: raw.carried_in,
  carriedAt: Number(raw.carried_at),
});

export async function routesUnder(tx: Tx, agreementId: AgreementId): Promise<RouteRow[]> {
  const rows = await tx.query<Raw>(
    'select body, carried_in, carried_at from routes where agreement_id = $1 order by grant_id for share',
    [agreementId],
  );
  return rows.map(asRow);
}

/** Every route that has not ended. */
export async function routesInForce(tx: Tx, now: Instant): Promise<RouteRow[]> {
  const rows = await tx.query<Raw>(
    'select body, carried_in, carried_at from routes where ends_at > $1 order by grant_id',
    [now],
  );
  return rows.map(asRow);
}

/** True if the route is new or other than it was; then no region carries it yet. */
export async function keepRoute(tx: Tx, route: Route): Promise<boolean> {
  const rows = await tx.query(
    `insert into routes as r (grant_id, agreement_id, parties, body, ends_at) values ($1, $2, $3, $4, $5)
     on conflict (grant_id) do update set parties = excluded.parties, body = excluded.body, ends_at = excluded.ends_at,
       carried_in = '{}' where r.body <> excluded.body returning grant_id`,
    [route.grant, route.agreementId, route.parties, JSON.stringify(route), Math.floor(route.endsAt)],
  );
  return rows.length === 1;
}

/** Takes routes away; returns those that were there. */
export async function removeRoutes(tx: Tx, grants: readonly GrantId[]): Promise<RouteRow[]> {
  const rows = await tx.query<Raw>(
    'delete from routes where grant_id = any ($1) returning body, carried_in, carried_at',
    [grants],
  );
  return rows.map(asRow);
}

/** Notes that a region carries these routes, unless they were changed since they were read. */
export async function markCarried(tx: Tx, region: LocalId, routes: readonly Route[], at: EpochSeconds): Promise<void> {
  await tx.query(
    `update routes r set carried_in = r.carried_in || $1::text, carried_at = $4 from unnest($2::text[], $3::text[]) as done (grant_id, body)
     where r.grant_id = done.grant_id and r.body = done.body and not $1 = any (r.carried_in)`,
    [region, routes.map((route) => route.grant), routes.map(bodyOf), at],
  );
}

const bodyOf = (route: Route | RouteRow): string => JSON.stringify(bare(route));

/** The route without what was done for it. */
export function bare(route: Route | RouteRow): Route {
  const { carriedIn: _carriedIn, carriedAt: _carriedAt, ...body } = route as RouteRow;
  return body;
}

/** True if this is another reason than the last one. */
export async function keepRefusal(tx: Tx, grant: GrantId, code: string): Promise<boolean> {
  const rows = await tx.query(
    `insert into refused_flows as f (grant_id, code) values ($1, $2)
     on conflict (grant_id) do update set code = excluded.code where f.code <> excluded.code returning grant_id`,
    [grant, code],
  );
  return rows.length === 1;
}

export async function forgetRefusal(tx: Tx, grant: GrantId): Promise<void> {
  await tx.query('delete from refused_flows where grant_id = $1', [grant]);
}
