import { migration } from '@interlock/chassis/db';
import { storedStreams } from './0430-stored-streams.js';

/**
 * agreements ──< routes          revoked_grants: never routed again          bus_users: who holds a JWT for which routes
 *   what was heard of, and how     one per flow in force, as it was judged
 *   far it has been read
 *
 * Everything but `revoked_grants` can be lost: the registry and the grants have the documents, and every route is judged from them again.
 */
export const routeTables = migration(
  '0001-routes',
  `
  create table agreements (
    id            text   collate "C" not null,
    parties       text[] collate "C" not null,
    revision      bigint not null default 1,
    read_revision bigint not null default 0,
    due_at        bigint not null default 0,
    status        text   collate "C" not null default 'unknown',
    constraint agreement_once primary key (id),
    constraint agreement_is_read_after_it_was_heard_of check (read_revision <= revision)
  );
  create index agreements_to_read on agreements (due_at);
  create index agreements_unread on agreements (id) where read_revision < revision;
  create index agreements_by_party on agreements using gin (parties);
  comment on table agreements is 'Agreements that news was heard of. revision grows with every news; read_revision is the one whose documents were judged last.';

  create table routes (
    grant_id     text   collate "C" not null,
    agreement_id text   collate "C" not null,
    parties      text[] collate "C" not null,
    body         text   not null,
    ends_at      bigint not null,
    carried_in   text[] collate "C" not null default '{}',
    constraint route_one_per_grant primary key (grant_id),
    constraint route_is_of_an_agreement foreign key (agreement_id) references agreements (id)
  );
  create index routes_by_agreement on routes (agreement_id);
  comment on table routes is 'Flows in force, verified and decided. carried_in names the regions whose bus has been made to carry it.';

  create table revoked_grants (
    grant_id     text collate "C" not null,
    agreement_id text collate "C" not null,
    constraint revoked_grant_once primary key (grant_id)
  );
  comment on table revoked_grants is 'Grants that were revoked: an older answer that arrives later routes none of them again.';

  create table refused_flows (
    grant_id text collate "C" not null,
    code     text collate "C" not null,
    constraint refused_flow_once primary key (grant_id)
  );
  comment on table refused_flows is 'The last reason for which a grant got no route, so that each reason is evidence once.';

  create table bus_users (
    region       text   collate "C" not null,
    account      text   collate "C" not null,
    user_key     text   collate "C" not null,
    agreement_id text   collate "C" not null,
    organisation text   collate "C" not null,
    role         text   collate "C" not null,
    grants       text[] collate "C" not null,
    issued_at    bigint not null,
    expires_at   bigint not null,
    cut_since    bigint,
    cut_done_at  bigint,
    constraint bus_user_once primary key (region, account, user_key),
    constraint bus_user_role_exists check (role in ('publisher', 'recipient')),
    constraint bus_user_is_cut_before_it_is_gone check (cut_done_at is null or cut_since is not null)
  );
  create index bus_users_by_agreement on bus_users (agreement_id) where cut_since is null;
  create index bus_users_to_cut on bus_users (region) where cut_since is not null and cut_done_at is null;
  create index bus_users_by_end on bus_users (expires_at);
  comment on table bus_users is 'JWTs that were issued, by public key. cut_since without cut_done_at is a cut that is still owed.';
`,
);

const mine = "current_setting('interlock.organisation', true)";

/** An organisation sees rows of agreements it is party to; the service's own work sees all. */
const guard = (table: string, policy: string, condition: string): string => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy ${policy} on ${table} using (${mine} = '*' or ${condition});`;

export const routeSecurity = migration(
  '0002-route-security',
  [
    guard('agreements', 'agreements_of_a_party', `${mine} = any (parties)`),
    guard('routes', 'routes_of_a_party', `${mine} = any (parties)`),
    guard('revoked_grants', 'revoked_grants_of_nobody', 'false'),
    guard('refused_flows', 'refused_flows_of_nobody', 'false'),
    guard('bus_users', 'bus_users_of_one_organisation', `organisation = ${mine}`),
  ].join('\n'),
);

export const routeCarriedAt = migration(
  '0003-route-carried-at',
  `
  alter table routes add column carried_at bigint not null default 0;
  comment on column routes.carried_at is 'Second in which a region was last made to carry it. The bus takes no JWT issued up to then.';
`,
);

export const MIGRATIONS = [routeTables, routeSecurity, routeCarriedAt, storedStreams];
